/** What a selector keeps of one registration. */

/** What has a descriptor: sockets, connections, listeners, sentinels of processes; or its number itself. */
export type FileObject = number | { fileno(): number };

let registrations: (key: SelectorKey) => number;

/** A registration: what was registered, its descriptor, and what is waited for. Never changes; `modify` makes another. */
export class SelectorKey<F extends FileObject = FileObject, D = unknown> {
  readonly fileobj: F;
  /** The descriptor's number when it was registered. */
  readonly fd: number;
  /** EVENT_READ, EVENT_WRITE, or both added up. */
  readonly events: number;
  /** Whatever the program wants to find again. */
  readonly data: D;
  readonly #registration: number;

  static {
    registrations = (key) => key.#registration;
  }

  /** @internal `registration` tells two registrations of the same number apart. */
  constructor(fileobj: F, fd: number, events: number, data: D, registration: number) {
    this.fileobj = fileobj;
    this.fd = fd;
    this.events = events;
    this.data = data;
    this.#registration = registration;
  }
}

export function registrationOf(key: SelectorKey<FileObject, unknown>): number {
  return registrations(key as SelectorKey);
}
