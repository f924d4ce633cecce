/** Timers of Node, which cannot hold every number of milliseconds. */

/** Node takes what is longer for 1 ms. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** None for what is longer than a timer can hold: as good as no limit. */
export function limitTimer(fn: () => void, ms: number): NodeJS.Timeout | undefined {
  return ms <= LONGEST_TIMER ? setTimeout(fn, ms) : undefined;
}
