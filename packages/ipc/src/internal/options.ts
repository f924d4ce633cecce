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
export function timeoutOf(options: WaitOptions | undefined, doing: string): number {
  if (options === undefined) return Number.POSITIVE_INFINITY;
  if (typeof options !== "object" || options === null)
    throw invalidType(doing, "options must be an object like { timeout: 100 } (milliseconds)", options);
  signalOf(options.signal, doing);
  const { timeout } = options;
  if (timeout === undefined || timeout === null) return Number.POSITIVE_INFINITY;
  if (typeof timeout !== "number") throw invalidType(doing, "timeout must be a number of milliseconds", timeout);
  if (Number.isNaN(timeout)) throw outOfRange(doing, "timeout must be a number of milliseconds", timeout);
  return timeout;
}

/** A signal that a wait can rely on. Any object that behaves like one will do: there are other realms, and polyfills. */
export function signalOf(signal: unknown, doing: string): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  const like = signal as Partial<AbortSignal>;
  if (typeof like.throwIfAborted === "function" && typeof like.addEventListener === "function")
    return signal as AbortSignal;
  throw invalidType(doing, "signal must be an AbortSignal", signal);
}

/** A whole number within [least, most], or a RangeError. */
export function integerOf(value: unknown, what: string, doing: string, least: number, most: number): number {
  if (typeof value !== "number") throw invalidType(doing, `${what} must be a number`, value);
  if (!Number.isInteger(value) || value < least || value > most)
    throw outOfRange(doing, `${what} must be a whole number from ${least} to ${most}`, value);
  return value;
}
