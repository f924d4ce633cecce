/** Events, and results that come later. */
import type { Greenlet } from "./greenlet.js";
import { type Link, type Linkable, Links, untilReady } from "./internal/links.js";
import { checkTime, type TimeOptions, timeUp } from "./internal/time.js";
import { Timeout } from "./timeout.js";

/**
 * A flag that greenlets wait for. `set` wakes whoever waits by then, even if `clear` follows at once.
 *
 * Safe from: the owning thread; for other threads and processes there is `Event` of `@cordage/ipc`. Source: gevent.event.Event.
 */
export class Event implements Linkable {
  #isSet = false;
  readonly #links = new Links<this>(this);

  isSet(): boolean {
    return this.#isSet;
  }

  /** As {@link isSet}. */
  ready(): boolean {
    return this.#isSet;
  }

  set(): void {
    this.#isSet = true;
    this.#links.notify();
  }

  clear(): void {
    this.#isSet = false;
  }

  /** Waits until it is set: true; false if the time was up before. Blocks: the greenlet. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET */
  wait(options?: TimeOptions): boolean {
    checkTime(options, "wait for an event");
    return this.#isSet || untilReady(this, options, "wait for an event");
  }

  /** Has a function called once it is set, on the hub, where it must not wait. @throws {TypeError} ERR_INVALID_ARG_TYPE */
  rawlink(callback: Link<this>): void {
    this.#links.add(callback);
  }

  unlink(callback: Link<this>): void {
    this.#links.remove((link) => link === callback);
  }

  /** How many wait, or are to be told. */
  get linkCount(): number {
    return this.#links.length;
  }
}

/**
 * A value, or an error, that comes once; greenlets wait for it. It can be linked to a greenlet, whose end it then has.
 *
 * Safe from: the owning thread. Source: gevent.event.AsyncResult.
 */
export class AsyncResult<T = unknown> implements Linkable {
  #state: "pending" | "set" | "failed" = "pending";
  #value: T | undefined;
  #exception: unknown;
  readonly #links = new Links<this>(this);

  ready(): boolean {
    return this.#state !== "pending";
  }

  successful(): boolean {
    return this.#state === "set";
  }

  /** Undefined before it is set, and after an error. */
  get value(): T | undefined {
    return this.#value;
  }

  /** Undefined if there is none. */
  get exception(): unknown {
    return this.#exception;
  }

  /** The latest counts. */
  set(value: T): void {
    this.#state = "set";
    this.#value = value;
    this.#exception = undefined;
    this.#links.notify();
  }

  /** `get` throws it from now on. */
  setException(error: unknown): void {
    this.#state = "failed";
    this.#value = undefined;
    this.#exception = error;
    this.#links.notify();
  }

  /** For `link`: takes over how a greenlet has ended. */
  follow(source: Greenlet<T>): void {
    if (source.successful()) this.set(source.value as T);
    else this.setException(source.exception);
  }

  /**
   * The value; waits for it.
   * @throws the error that was set, @throws {Timeout} if it takes longer than `timeout`
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET
   *
   * Blocks: the greenlet.
   */
  get(options?: TimeOptions): T {
    checkTime(options, "get a result");
    if (!this.ready() && !untilReady(this, options, "get a result")) throw timeUp(options);
    return this.#outcome();
  }

  /** The value. @throws {Timeout} if it is not there */
  getNoWait(): T {
    if (!this.ready()) throw new Timeout(0);
    return this.#outcome();
  }

  #outcome(): T {
    if (this.#state === "failed") throw this.#exception;
    return this.#value as T;
  }

  /** Waits until it is set, and returns the value; undefined if the time was up, or if it is an error. Blocks: the greenlet. */
  wait(options?: TimeOptions): T | undefined {
    checkTime(options, "wait for a result");
    if (!this.ready()) untilReady(this, options, "wait for a result");
    return this.#value;
  }

  /** Has a function called once it is there, on the hub, where it must not wait. @throws {TypeError} ERR_INVALID_ARG_TYPE */
  rawlink(callback: Link<this>): void {
    this.#links.add(callback);
  }

  unlink(callback: Link<this>): void {
    this.#links.remove((link) => link === callback);
  }
}
