/** A value, or an error, that is sent once to whoever waits for it. */
import type { TimeOptions } from "@cordage/gevent";
import { checkTime, inTime, Waiter } from "@cordage/gevent/sys";
import { EventletError } from "./errors.js";

const WAITING = "wait for an event";

/**
 * Is sent once; whoever waits by then, and whoever waits later, gets what was sent. Nobody who waits is forgotten if it is reset right after.
 *
 * @example
 * const event = new Event();
 * spawn(() => event.send(5));
 * event.wait(); // 5
 *
 * Differs from gevent: it has a value, and is sent once. Safe from: the owning thread. Source: eventlet.event.Event.
 */
export class Event<T = any> {
  #state: "fresh" | "sent" | "failed" = "fresh";
  #value: T | undefined;
  #error: unknown;
  #waiting: Set<Waiter<T>> | undefined;

  /** Whether it was sent: `wait` would return, or throw, at once. */
  ready(): boolean {
    return this.#state !== "fresh";
  }

  /** Whether a value was sent. */
  hasResult(): boolean {
    return this.#state === "sent";
  }

  /** Whether an error was sent. */
  hasException(): boolean {
    return this.#state === "failed";
  }

  /** As `wait` if it was sent; `notReady` if not. @throws the error that was sent */
  poll<N = undefined>(notReady?: N): T | N {
    return this.ready() ? this.#outcome() : (notReady as N);
  }

  /** The value, if one was sent; `notReady` if not. */
  pollResult<N = undefined>(notReady?: N): T | N {
    return this.hasResult() ? this.#outcome() : (notReady as N);
  }

  /** Throws the error, if one was sent; `notReady` if not. */
  pollException<N = undefined>(notReady?: N): N {
    if (this.hasException()) this.#outcome();
    return notReady as N;
  }

  /**
   * What was sent; waits for it. Undefined if the time was up before.
   * @param options `timeout` in milliseconds
   * @throws the error that was sent
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait
   *
   * Blocks: the greenthread.
   */
  wait(): T;
  wait(options: TimeOptions | undefined): T | undefined;
  wait(options?: TimeOptions): T | undefined {
    checkTime(options, WAITING);
    return this.ready() ? this.#outcome() : this.#untilSent(options);
  }

  #untilSent(options: TimeOptions | undefined): T | undefined {
    const waiter = new Waiter<T>(WAITING);
    this.#waiting ??= new Set();
    this.#waiting.add(waiter);
    try {
      return inTime(waiter, options, WAITING) ? waiter.value : undefined;
    } finally {
      this.#waiting?.delete(waiter);
    }
  }

  #outcome(): T {
    if (this.#state === "failed") throw this.#error;
    return this.#value as T;
  }

  /** Has everybody who waits go on, soon. Blocks: never. @throws {EventletError} ERR_ALREADY_SENT if it was sent, and not reset since */
  send(value?: T): void {
    this.#begin("sent");
    this.#value = value;
    for (const waiter of this.#released()) waiter.end(value as T);
  }

  /** As {@link send}, with an error, or whatever is to be thrown where somebody waits: the very same. */
  sendException(error: unknown): void {
    this.#begin("failed");
    this.#error = error;
    for (const waiter of this.#released()) waiter.fail(error);
  }

  #begin(state: "sent" | "failed"): void {
    if (this.ready()) throw new EventletError("ERR_ALREADY_SENT", "cannot send an event: it was sent already");
    this.#state = state;
  }

  #released(): Iterable<Waiter<T>> {
    const those = this.#waiting ?? [];
    this.#waiting = undefined;
    return those;
  }

  /** It may be sent again. A new event is the better choice. @throws {EventletError} ERR_NOT_SENT if it was not sent */
  reset(): void {
    if (!this.ready()) throw new EventletError("ERR_NOT_SENT", "cannot reset an event: it was not sent");
    this.#state = "fresh";
    this.#value = undefined;
    this.#error = undefined;
  }

  toString(): string {
    return `<Event ${this.#state}, ${this.#waiting?.size ?? 0} waiting>`;
  }
}
