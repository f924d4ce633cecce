/** Timeouts that begin when they are made. */
import { Timeout as Startable, type TimeoutError, withTimeout as within } from "@cordage/gevent";
import { TimeoutError as Late } from "@cordage/ipc";
import { named } from "@cordage/ipc/sys";

/**
 * Is thrown into the greenthread that makes it, wherever that waits when the time is up, unless it is cancelled: in a `finally`, or by {@link run}.
 *
 * @example
 * const timeout = new Timeout(500);
 * try { queue.get(); } catch (error) { if (error !== timeout) throw error; } finally { timeout.cancel(); }
 *
 * As gevent's otherwise: `pending`, `cancel`, `start` after that, and `run(fn)`, which is Python's `with`. Source: eventlet.Timeout.
 */
export class Timeout extends Startable {
  /**
   * @param ms milliseconds, from 0; absent: never
   * @param error what is thrown instead: an error or a class; `false`: the timeout itself, which `run` keeps to itself; a string: the timeout, which says so
   * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if there is a time
   */
  constructor(ms?: number | null, error?: TimeoutError | true) {
    super(ms, error === true ? undefined : error);
    if (this.ms !== undefined) this.start();
  }

  get isTimeout(): true {
    return true;
  }
}
named(Timeout, "Timeout");

/** Whether an error says that some time was up: a timeout, a `TimeoutError` of whatever package, or anything with `isTimeout`. */
export function isTimeout(error: unknown): boolean {
  const says = (error as { isTimeout?: unknown } | null | undefined)?.isTimeout;
  return says === true || error instanceof Startable || error instanceof Late;
}

/**
 * Calls `fn`, and throws a {@link Timeout} if it takes longer; `timeoutValue`, if there is one, is returned instead. The timeout of somebody else,
 * around it, is not taken for its own.
 * @param ms milliseconds, from 0
 *
 * Source: eventlet.with_timeout.
 */
export function withTimeout<T, V = never>(ms: number, fn: () => T, options?: { timeoutValue: V }): T | V {
  const timeout = new Timeout(ms);
  try {
    return within(timeout, fn, options);
  } finally {
    timeout.cancel();
  }
}
