/** Timeouts: errors that are thrown into a greenlet when its time is up. */
import type { Greenlet } from "@cordage/greenlet";
import { invalidType, named, outOfRange, Signal } from "@cordage/ipc/sys";
import { GeventError } from "./errors.js";
import { errorOf } from "./internal/error-of.js";
import { interrupt } from "./internal/interrupt.js";
import { checkOptions } from "./internal/options.js";
import { limitTimer } from "./internal/timer.js";
import { checkedCurrent } from "./internal/waiter.js";

type ErrorClass = new () => Error;

/** What is thrown when the time is up: the timeout itself, an error, one of a class; `false`: nothing that leaves {@link Timeout.run}; a string: the timeout, which says so. */
export type TimeoutError = Error | ErrorClass | false | string | null | undefined;

/**
 * Is thrown into the greenlet that started it, wherever it waits then. It is no failure of what was called, and knows itself: whoever catches a
 * timeout compares it with his own (`error === timeout`) and throws others on.
 *
 * @example
 * const timeout = Timeout.startNew(500);
 * try { socket.recv(1024); } catch (error) { if (error !== timeout) throw error; } finally { timeout.cancel(); }
 *
 * JavaScript has no errors that a `catch` lets pass: {@link run} and `withTimeout` throw one that was swallowed again. Source: gevent.Timeout.
 */
export class Timeout extends Signal {
  /** Milliseconds; undefined: it never fires. */
  readonly ms: number | undefined;
  readonly #error: TimeoutError;
  #timer: NodeJS.Timeout | undefined;
  #greenlet: Greenlet | undefined;
  #fired = false;
  #again = false;

  /**
   * @param ms milliseconds from {@link start}, from 0; absent: never
   * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
   */
  constructor(ms?: number | null, error?: TimeoutError) {
    const note = typeof error === "string" ? `: ${error}` : "";
    super(`${checkedTime(ms) === undefined ? "never" : `after ${ms} ms`}${note}`);
    this.ms = checkedTime(ms);
    this.#error = error;
  }

  /** Makes and starts one, of the class on which it is called; one that is there already is started if it is not pending. */
  static startNew(timeout?: number | Timeout | null, error?: TimeoutError): Timeout {
    const one = isTimeout(timeout) ? timeout : new this(timeout, error);
    if (!one.pending) one.start();
    return one;
  }

  /** Whether it has been started, and neither fired nor been cancelled. */
  get pending(): boolean {
    return this.#timer !== undefined && !this.#fired;
  }

  /**
   * The time begins, for the greenlet that calls this.
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET
   * @throws {GeventError} ERR_ALREADY_STARTED
   */
  start(): void {
    const current = checkedCurrent("start a timeout");
    if (this.pending) throw new GeventError("ERR_ALREADY_STARTED", "cannot start the timeout: it has been started");
    this.#greenlet = current;
    this.#fired = false;
    this.#startTimer();
  }

  /** It does not fire any more; it may be started again. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** As {@link cancel}. */
  close(): void {
    this.cancel();
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  /**
   * Calls `fn` and gives it the time. If the timeout is caught in there, and `fn` goes on, it comes again whenever the same time has passed, and is
   * thrown at the end in any case.
   * @returns what `fn` returns; undefined if the time was up and the timeout was made with `false`
   * @throws the timeout, or the error that was given instead
   */
  run<T>(fn: () => T): T | undefined {
    if (typeof fn !== "function") throw invalidType("run with a timeout", "expected a function", fn);
    if (!this.pending) this.start();
    this.#again = true;
    try {
      const result = fn();
      if (!this.#fired) return result;
      throw this.#thrown(); // swallowed
    } catch (error) {
      if (error === this && this.#error === false) return undefined;
      throw error;
    } finally {
      this.#again = false;
      this.cancel();
    }
  }

  #startTimer(): void {
    if (this.ms === undefined) return;
    const timer = limitTimer(() => {
      if (this.#timer === timer) this.#fire(); // not if it was cancelled before its turn
    }, this.ms);
    this.#timer = timer;
  }

  #fire(): void {
    this.#timer = undefined;
    if (this.#again) this.#startTimer();
    this.#fired = true;
    interrupt(this.#greenlet!, this.#thrown());
  }

  #thrown(): Error {
    const error = this.#error;
    if (error === undefined || error === null || error === false || typeof error === "string") return this;
    return errorOf(error, "time out");
  }
}
named(Timeout, "Timeout");

/** Bundlers rename a class that names itself inside. */
function isTimeout(one: unknown): one is Timeout {
  return one instanceof Timeout;
}

function checkedTime(ms: number | null | undefined): number | undefined {
  if (ms === undefined || ms === null) return undefined;
  if (typeof ms !== "number") throw invalidType("make a timeout", "expected a number of milliseconds", ms);
  if (!(ms >= 0)) throw outOfRange("make a timeout", "expected 0 milliseconds or more", ms);
  return ms === Number.POSITIVE_INFINITY ? undefined : ms;
}

/**
 * Calls `fn`, and throws a {@link Timeout} if it takes longer; `timeoutValue`, if there is one, is returned instead.
 * @param ms milliseconds, or a timeout of one's own
 */
export function withTimeout<T, V = never>(ms: number | Timeout, fn: () => T, options?: { timeoutValue: V }): T | V {
  if (options !== undefined) checkOptions(options, "run with a timeout");
  const timeout = ms instanceof Timeout ? ms : new Timeout(ms);
  try {
    return timeout.run(fn) as T;
  } catch (error) {
    if (error === timeout && options && "timeoutValue" in options) return options.timeoutValue;
    throw error;
  }
}
