/** How long a wait may take, and what else may end it. */
import { timeoutOf } from "@cordage/ipc/sys";
import { Timeout } from "../timeout.js";
import { abortable, holdingTheLoop } from "./abortable.js";
import { limitTimer } from "./timer.js";
import type { Waiter } from "./waiter.js";

export interface TimeOptions {
  /** Milliseconds; absent or `Infinity` waits without end, 0 or less does not wait. A {@link Timeout} is thrown when its time is up. */
  timeout?: number | Timeout | null | undefined;
  /** Ends the wait: its reason is thrown. One that is aborted already is thrown before anything else is done. */
  signal?: AbortSignal | null | undefined;
}

/** Refuses wrong options before anything is changed, and whether or not there is a wait. */
export function checkTime(options: TimeOptions | undefined, doing: string): void {
  if (options === undefined) return;
  timeOf(options, doing);
  options.signal?.throwIfAborted();
}

/** Milliseconds; Infinity for a {@link Timeout}, which has its own. */
function timeOf(options: TimeOptions, doing: string): number {
  const isOwn = options?.timeout instanceof Timeout;
  return timeoutOf((isOwn ? { signal: options.signal } : options) as { timeout?: number }, doing);
}

/** What to throw when the time of the options is up. */
export function timeUp(options: TimeOptions | undefined): Timeout {
  return new Timeout(Math.max(0, Number(options?.timeout)));
}

/** Waits: true once the waiter has ended, false if the time was up before. @throws the signal's reason */
export function inTime<T>(waiter: Waiter<T>, options: TimeOptions | undefined, doing: string): boolean {
  const signal = options?.signal;
  if (!signal) return limited(waiter, options, doing);
  return abortable(waiter, signal, () => holdingTheLoop(() => limited(waiter, options, doing)));
}

function limited<T>(waiter: Waiter<T>, options: TimeOptions | undefined, doing: string): boolean {
  if (options?.timeout instanceof Timeout) return withOwn(waiter, options.timeout);
  const ms = options === undefined ? Number.POSITIVE_INFINITY : timeOf(options, doing);
  if (waiter.settled || ms === Number.POSITIVE_INFINITY) {
    waiter.get();
    return true;
  }
  return ms > 0 && before(waiter, ms);
}

function withOwn<T>(waiter: Waiter<T>, timeout: Timeout): boolean {
  const isMine = !timeout.pending;
  if (isMine) timeout.start();
  try {
    waiter.get();
    return true;
  } finally {
    if (isMine) timeout.cancel();
  }
}

function before<T>(waiter: Waiter<T>, ms: number): boolean {
  let isLate = false;
  const timer = limitTimer(() => {
    isLate = !waiter.settled;
    if (isLate) waiter.endNow(undefined as T);
  }, ms);
  try {
    waiter.get();
    return !isLate;
  } finally {
    clearTimeout(timer);
  }
}
