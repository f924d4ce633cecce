/** The options that every waiting call takes, checked once. */
import { invalidType, outOfRange } from "../errors.js";

export interface SyncWaitOptions {
  /** Milliseconds; absent or `Infinity` waits without end, 0 or less does not wait. */
  timeout?: number | undefined;
}
export interface WaitOptions extends SyncWaitOptions {
  /** Cancels the wait: the promise rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
}

/** The `timeout` in milliseconds, `Infinity` where there is none. */
export function timeoutOf(options: SyncWaitOptions | undefined, doing: string): number {
  if (options !== undefined && (typeof options !== "object" || options === null))
    throw invalidType(doing, "options must be an object like { timeout: 100 } (milliseconds)", options);
  const timeout = options?.timeout;
  if (timeout === undefined || timeout === null) return Number.POSITIVE_INFINITY;
  if (typeof timeout !== "number") throw invalidType(doing, "timeout must be a number of milliseconds", timeout);
  if (Number.isNaN(timeout)) throw outOfRange(doing, "timeout must be a number of milliseconds", timeout);
  return timeout;
}

/** A whole number within [least, most], or a RangeError. */
export function integerOf(value: unknown, what: string, doing: string, least: number, most: number): number {
  if (typeof value !== "number") throw invalidType(doing, `${what} must be a number`, value);
  if (!Number.isInteger(value) || value < least || value > most)
    throw outOfRange(doing, `${what} must be a whole number from ${least} to ${most}`, value);
  return value;
}
