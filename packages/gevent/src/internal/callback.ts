/** Node's functions that take a callback, as calls that block the greenlet. */
import { isNativeError } from "node:util/types";
import { Waiter } from "./waiter.js";

export type Callback = (error: Error | null | undefined, ...values: any[]) => void;

/**
 * What the callback is given: its first value. An error is thrown with the stack of the caller, because that of a callback has none.
 * @param late gets the value if the greenlet is interrupted meanwhile: what was opened is to be closed
 */
export function calledBack<T>(doing: string, call: (done: Callback) => void, late?: (value: T) => void): T {
  const waiter = new Waiter<T>(doing);
  let isWaiting = true;
  call((error, value) => {
    if (!isWaiting && !error) late?.(value);
    else if (error) waiter.failNow(error);
    else waiter.endNow(value);
  });
  try {
    return waiter.get();
  } catch (error) {
    if (waiter.settled && isNativeError(error)) Error.captureStackTrace(error, calledBack);
    throw error;
  } finally {
    isWaiting = false;
  }
}
