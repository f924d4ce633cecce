/** Says so when a greenlet has held the thread for too long: no timer and no connection was served meanwhile. */
import { performance } from "node:perf_hooks";
import type { Greenlet } from "@cordage/greenlet";
import { outOfRange } from "@cordage/ipc/sys";

let longest = 100;
let last: Greenlet | undefined;

/**
 * Sets for how long a greenlet may run without waiting before a process warning (code `CORDAGE_GEVENT_HELD`) names it.
 * @param milliseconds greater than 0; `Infinity`: never; 100 unless set
 * @returns the limit before
 * @throws {RangeError} ERR_OUT_OF_RANGE
 *
 * Source: gevent's `max_blocking_time`, without a thread that watches: it is noticed afterwards.
 */
export function setLongestHold(milliseconds: number): number {
  if (typeof milliseconds !== "number" || !(milliseconds > 0))
    throw outOfRange("set the longest hold", "expected a number of milliseconds greater than 0", milliseconds);
  const before = longest;
  longest = milliseconds;
  return before;
}

/** Who has the thread from now on. */
export function noteGreenlet(one: Greenlet): void {
  last = one;
}

/** Looks at the clock after something has run since then; returns the time. */
export function noteTime(began: number): number {
  const now = performance.now();
  if (now - began > longest && last) warn(last, now - began);
  last = undefined;
  return now;
}

function warn(who: Greenlet, held: number): void {
  const message = `${who} has held the thread for ${Math.round(held)} ms: no timer and no connection was served meanwhile`;
  process.emitWarning(message, { code: "CORDAGE_GEVENT_HELD" });
}
