/**
 * How an object that lives in shared memory, or holds a descriptor, travels: as a small handle. Each shared class
 * registers here next to its definition; the codec looks here. Adding a shared type means adding a file.
 */

/** What travels beside the bytes of one message. */
export interface Transfer {
  /** Sends a descriptor along; returns its index. The caller keeps its own. */
  addDescriptor(fd: number): number;
  /** Runs `back` if the message is not sent after all: for what packing took out of an object. */
  ifUnsent?(back: () => void): void;
  /** Sends large bytes along; returns plain data that names them to the other side, or undefined: they go with the rest. */
  addBytes?(bytes: Uint8Array): unknown;
  /** The buffer that has the bytes, no more and no fewer, that such data names. */
  takeBytes?(name: unknown): ArrayBuffer;
  /** Takes ownership of a descriptor that came along. */
  takeDescriptor(index: number): number;
}

export interface SharedType<T extends object> {
  readonly name: string;
  readonly cls: abstract new (...args: never[]) => T;
  /** Its handle is an address rather than memory or a descriptor: it may go to, and come from, another machine. */
  readonly remote?: boolean;
  /** The module that registers it: whoever takes functions of a peer imports it, see `importReferences`. */
  readonly module?: string;
  /** Plain data that names the object. `trusted`: it stays on this machine, among processes of this user. */
  pack(value: T, transfer: Transfer | undefined, trusted: boolean): unknown;
  unpack(data: unknown, transfer: Transfer | undefined): T;
}

const byName = new Map<string, SharedType<object>>();
const byClass = new Map<Function, SharedType<object>>();

export function registerShared<T extends object>(type: SharedType<T>): void {
  byName.set(type.name, type as unknown as SharedType<object>);
  byClass.set(type.cls, type as unknown as SharedType<object>);
}

/** The type of an instance whose class, or nearest ancestor, is registered. */
export function sharedTypeOf(value: object): SharedType<object> | undefined {
  for (let cls: unknown = value.constructor; typeof cls === "function"; cls = Object.getPrototypeOf(cls)) {
    const type = byClass.get(cls);
    if (type) return type;
  }
  return undefined;
}

export function sharedTypeNamed(name: string): SharedType<object> | undefined {
  return byName.get(name);
}
