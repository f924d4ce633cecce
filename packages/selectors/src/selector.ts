/** What all selectors share: the registrations, and the two ways to wait. */
import { inspect } from "node:util";
import type { WaitOptions } from "@cordage/ipc";
import { invalidType, outOfRange, timeoutOf } from "@cordage/ipc/sys";
import { closed, KeyError, SelectorError } from "./errors.js";
import { EVENT_READ, EVENT_WRITE } from "./events.js";
import { AsyncSelects } from "./internal/async-selects.js";
import type { Epoll } from "./internal/epoll.js";
import { descriptorOf } from "./internal/file-object.js";
import { ReadAhead, withReadable } from "./internal/read-ahead.js";
import { type FileObject, registrationOf, SelectorKey } from "./selector-key.js";
import { findKey, SelectorMap } from "./selector-map.js";

const SELECTING = "select";
const REGISTERING = "register with the selector";
const BOTH = EVENT_READ | EVENT_WRITE;

/** What is ready: the key, and EVENT_READ, EVENT_WRITE or both. */
export type Ready<F extends FileObject, D> = [key: SelectorKey<F, D>, events: number];

/**
 * Waits for many descriptors at once: the base of {@link EpollSelector}, {@link PollSelector} and {@link SelectSelector}.
 *
 * Type parameters: `D` is what `data` holds, `F` what is registered.
 *
 * @example
 * using selector = new DefaultSelector<string, Socket>();
 * selector.register(socket, EVENT_READ, "a client");
 * for (const [key, events] of selector.select()) console.log(key.data, key.fileobj.recv(1000));
 *
 * An object that is to be closed is unregistered first, as in Python: its key stays otherwise, and its descriptor's number soon is
 * another object's.
 *
 * Safe from: the owning thread. Source: CPython's selectors.
 */
export abstract class Selector<D = any, F extends FileObject = FileObject> {
  protected readonly byDescriptor = new Map<number, SelectorKey<F, D>>();
  readonly #readAhead = new ReadAhead<F, D>(this.byDescriptor);
  #map: SelectorMap<F, D> | undefined;
  #asyncSelects: AsyncSelects<Ready<F, D>> | undefined;
  #closed = false;
  #registrations = 0;

  /** Tells the system, where it keeps the registrations. Throws a SystemError where it refuses: nothing is kept then. */
  protected abstract added(key: SelectorKey<F, D>): void;
  protected abstract changed(key: SelectorKey<F, D>): void;
  /** What is no more in the system is no error. */
  protected abstract removed(key: SelectorKey<F, D>): void;
  /** Looks for at most that many milliseconds. Blocks: the thread. */
  protected abstract look(timeout: number): Ready<F, D>[];
  /** Something that the event loop can watch: it can be read while something that was registered may be ready. */
  protected abstract watched(): Epoll;
  /** Whether what is watched shows everything that can be ready. */
  protected abstract readonly showsAll: boolean;
  protected abstract release(): void;

  /**
   * Begins to wait for an object.
   * @param events EVENT_READ, EVENT_WRITE, or both added up
   * @param data anything, to be found again in the key
   * @throws {KeyError} ERR_ALREADY_REGISTERED, also for another object, or the number, of the same descriptor
   * @throws {RangeError} ERR_OUT_OF_RANGE for other events, or what is no descriptor
   * @throws {TypeError} ERR_INVALID_ARG_TYPE for an object without `fileno()`
   * @throws {SystemError} EBADF; EPERM for a plain file, which epoll refuses: nothing is registered then
   * @throws {SelectorError} ERR_CLOSED
   */
  register<G extends F>(fileobj: G, events: number, data?: D): SelectorKey<G, D> {
    this.#checkOpen(REGISTERING);
    checkEvents(events, REGISTERING);
    const fd = descriptorOf(fileobj, REGISTERING);
    const found = this.byDescriptor.get(fd);
    if (found) throw registeredAlready(found);
    const key = new SelectorKey<G, D>(fileobj, fd, events, data as D, this.#next());
    this.added(key as SelectorKey<F, D>);
    this.byDescriptor.set(fd, key as SelectorKey<F, D>);
    this.#readAhead.registered(key);
    this.#asyncSelects?.watch();
    return key;
  }

  /**
   * Ends waiting for an object. It may be closed already.
   * @throws {KeyError} ERR_NOT_REGISTERED, @throws {SelectorError} ERR_CLOSED
   */
  unregister(fileobj: FileObject): SelectorKey<F, D> {
    const key = this.#keyOf(fileobj, "unregister from the selector");
    this.#forget(key);
    return key;
  }

  /**
   * Changes what is waited for, and the data; absent, it becomes `undefined`. The new key takes the place of the old one.
   * @throws {KeyError} ERR_NOT_REGISTERED
   * @throws {RangeError} ERR_OUT_OF_RANGE, as from {@link register}; the registration stays as it was
   * @throws {SystemError} when the system refuses; the object is not registered any more then
   */
  modify(fileobj: FileObject, events: number, data?: D): SelectorKey<F, D> {
    const doing = "modify a registration";
    const key = this.#keyOf(fileobj, doing);
    checkEvents(events, doing);
    if (events === key.events && Object.is(data, key.data)) return key;
    const next = new SelectorKey(key.fileobj, key.fd, events, data as D, registrationOf(key));
    if (events !== key.events) this.#change(next);
    this.byDescriptor.set(key.fd, next);
    this.#asyncSelects?.watch();
    return next;
  }

  #change(key: SelectorKey<F, D>): void {
    try {
      this.changed(key);
    } catch (error) {
      this.#forget(key);
      throw error;
    }
  }

  #forget(key: SelectorKey<F, D>): void {
    this.byDescriptor.delete(key.fd);
    this.removed(key);
    this.#asyncSelects?.watch();
  }

  /** Empties an epoll instance and fills it again with what is still open: see its file for the reason. */
  protected renew(epoll: Epoll, add: (key: SelectorKey<F, D>) => void): void {
    this.#asyncSelects?.unwatch();
    try {
      epoll.renew();
      for (const key of this.byDescriptor.values()) this.#addOpen(key, add);
    } finally {
      this.#asyncSelects?.watch();
    }
  }

  #addOpen(key: SelectorKey<F, D>, add: (key: SelectorKey<F, D>) => void): void {
    try {
      if (isOpen(key)) add(key);
    } catch {
      // Closed meanwhile: the system would have forgotten it as well.
    }
  }

  /**
   * Waits until something is ready, and says what. A signal does not end the wait.
   * @param timeout milliseconds; absent, `null` or `Infinity` waits without end, 0 or less looks once
   * @returns a pair for each ready object; empty after the timeout. An end or an error counts as ready for what is waited for.
   * @throws {SelectorError} ERR_CLOSED; ERR_NOTHING_REGISTERED where it would block the thread for ever
   * @throws {SystemError} EBADF from a SelectSelector that has a closed descriptor
   *
   * Blocks: the thread, and with it Node's event loop, timers and signal handlers. Differs from Python: does not wait for ever
   * for nothing. Source: epoll_wait(2), poll(2), select(2).
   */
  select(timeout?: number | null): Array<Ready<F, D>> {
    this.#checkOpen(SELECTING);
    const limit = limitOf(timeout);
    if (limit === Number.POSITIVE_INFINITY && this.byDescriptor.size === 0) throw nothingRegistered();
    return this.#find(limit);
  }

  #find(timeout: number): Array<Ready<F, D>> {
    if (this.#readAhead.empty) return this.look(timeout);
    const readable = this.#readAhead.ready();
    return readable.length === 0 ? this.look(timeout) : withReadable(this.look(0), readable);
  }

  /**
   * As {@link select}, but the thread goes on meanwhile. Calls at the same time are served in their order. What is closed during the
   * wait is not found any more.
   * @throws {SelectorError} ERR_CLOSED, also when it is closed while waiting; @throws {SystemError} EMFILE, by a poll or
   * select selector, if nothing is ready and no descriptor is left for what the event loop watches
   *
   * Blocks: the caller only, on the event loop and without a thread of its pool. Keeps the process alive while something is
   * registered.
   */
  async selectAsync(options?: WaitOptions): Promise<Array<Ready<F, D>>> {
    this.#checkOpen(SELECTING);
    const limit = timeoutOf(options, SELECTING);
    options?.signal?.throwIfAborted();
    if (limit <= 0) return this.#find(0);
    this.#asyncSelects ??= new AsyncSelects({
      look: () => this.#find(0),
      falseAlarm: () => this.falseAlarm(),
      watched: () => this.watched(),
      showsAll: () => this.showsAll && this.#readAhead.empty,
      worthwhile: () => this.byDescriptor.size > 0,
    });
    return this.#asyncSelects.wait(limit, options?.signal);
  }

  /** The event loop was woken for nothing. */
  protected falseAlarm(): void {}

  /** What is ready, one after the other, until the selector is closed. What is unregistered meanwhile is left out. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Ready<F, D>, void, void> {
    while (!this.#closed) {
      for (const ready of await this.#nextOrEnd()) if (this.byDescriptor.get(ready[0].fd) === ready[0]) yield ready;
    }
  }

  async #nextOrEnd(): Promise<Array<Ready<F, D>>> {
    try {
      return await this.selectAsync();
    } catch (error) {
      if (this.#closed) return [];
      throw error;
    }
  }

  /** The key of a registered object or descriptor. @throws {KeyError} ERR_NOT_REGISTERED, @throws {SelectorError} ERR_CLOSED */
  getKey(fileobj: FileObject): SelectorKey<F, D> {
    return this.#keyOf(fileobj, "get a key");
  }

  /** All registrations, live. */
  getMap(): SelectorMap<F, D> {
    this.#map ??= new SelectorMap({ byDescriptor: this.byDescriptor, find: (f) => findKey(this.byDescriptor, f) });
    return this.#map;
  }

  /**
   * A descriptor that can be read while something is ready: a selector can be registered with another one, or waited for. Plain files,
   * which are always ready, do not show there, nor does what a connection had read ahead when it was registered.
   * @throws {SelectorError} ERR_CLOSED, @throws {SystemError} EMFILE
   */
  fileno(): number {
    this.#checkOpen("give the descriptor's number");
    return this.watched().shown;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Forgets what is registered, and ends all waiting. The objects stay open. Closing twice does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.byDescriptor.clear();
    this.#asyncSelects?.end(closed(SELECTING, "selector"));
    this.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  [inspect.custom](): string {
    const state = this.#closed ? "closed" : `${this.byDescriptor.size} registered`;
    return `<${this.constructor.name}(${state})>`;
  }

  #next(): number {
    this.#registrations = (this.#registrations + 1) | 0;
    return this.#registrations;
  }

  #checkOpen(doing: string): void {
    if (this.#closed) throw closed(doing, "selector");
  }

  #keyOf(fileobj: FileObject, doing: string): SelectorKey<F, D> {
    this.#checkOpen(doing);
    const key = findKey(this.byDescriptor, fileobj);
    if (key) return key;
    throw new KeyError(
      "ERR_NOT_REGISTERED",
      `cannot ${doing}: descriptor ${descriptorOf(fileobj, doing)} is not registered`,
    );
  }
}

function checkEvents(events: number, doing: string): void {
  if (typeof events !== "number") throw invalidType(doing, "events must be EVENT_READ, EVENT_WRITE or both", events);
  if (!Number.isInteger(events) || events < 1 || events > BOTH)
    throw outOfRange(doing, "events must be EVENT_READ, EVENT_WRITE or both added up", events);
}

function limitOf(timeout: number | null | undefined): number {
  if (timeout === undefined || timeout === null) return Number.POSITIVE_INFINITY;
  if (typeof timeout !== "number") throw invalidType(SELECTING, "timeout must be a number of milliseconds", timeout);
  if (Number.isNaN(timeout)) throw outOfRange(SELECTING, "timeout must be a number of milliseconds", timeout);
  return timeout;
}

function registeredAlready(found: SelectorKey<FileObject, unknown>): KeyError {
  const hint = isOpen(found) ? "" : ", for an object that was closed meanwhile: unregister before you close";
  return new KeyError(
    "ERR_ALREADY_REGISTERED",
    `cannot ${REGISTERING}: descriptor ${found.fd} is registered already${hint}`,
  );
}

/** Whether the registered object still has the descriptor with which it was registered. */
function isOpen(key: SelectorKey<FileObject, unknown>): boolean {
  try {
    return descriptorOf(key.fileobj, REGISTERING) === key.fd;
  } catch {
    return false;
  }
}

function nothingRegistered(): SelectorError {
  const reason = "nothing is registered and there is no timeout: it would block the thread for ever";
  return new SelectorError("ERR_NOTHING_REGISTERED", `cannot ${SELECTING}: ${reason}`);
}
