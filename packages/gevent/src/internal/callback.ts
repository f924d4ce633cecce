/** Node's functions that take a callback, as calls that block the greenlet. */
import { isNativeError } from "node:util/types";
import { inTime } from "./time.js";
import { Waiter } from "./waiter.js";

export type Callback = (error: Error | null | undefined, ...values: any[]) => void;

export interface CallbackOptions<T> {
  /** Gets the value if the greenlet is interrupted meanwhile: what was opened is to be closed. */
  late?: ((value: T) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** What the callback is given: its first value. An error is thrown with the stack of the caller, because that of a callback has none. */
export function calledBack<T>(
  doing: string,
  call: (done: Callback) => void,
  { late, signal }: CallbackOptions<T> = {},
): T {
  const waiter = new Waiter<T>(doing);
  let isWaiting = true;
  call((error, value) => {
    if (!isWaiting && !error) late?.(value);
    else if (error) waiter.failNow(error);
    else waiter.endNow(value);
  });
  try {
    inTime(waiter, { signal }, doing);
    return waiter.value as T;
  } catch (error) {
    if (waiter.settled && isNativeError(error) && !signal?.aborted) Error.captureStackTrace(error, calledBack);
    throw error;
  } finally {
    isWaiting = false;
  }
}
