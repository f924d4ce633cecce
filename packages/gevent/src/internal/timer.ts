/**
 * Timers of Node, which cannot hold every number of milliseconds.
 *
 * What they call is scheduled: after what was ready before the time was up. Where a busy machine has held the process meanwhile, Node runs its timers
 * first, and whoever waits with a limit would be told of that, though what he waits for had long been there.
 */
import { type Callback, schedule } from "./hub.js";

/** Node takes what is longer for 1 ms. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Schedules the callback after `ms` milliseconds, at most {@link LONGEST_TIMER}. */
export function scheduleLater(callback: Callback, ms: number): NodeJS.Timeout {
  return setTimeout(schedule, ms, callback);
}

/** As {@link scheduleLater}; none for what is longer than a timer can hold: as good as no limit. */
export function limitTimer(run: () => void, ms: number): NodeJS.Timeout | undefined {
  return ms <= LONGEST_TIMER ? scheduleLater({ run }, ms) : undefined;
}
