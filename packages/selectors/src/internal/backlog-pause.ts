/** Trying again to connect to a unix socket whose listener has no room for more connections now. */
const SHORTEST = 1;
const LONGEST = 50;
const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps before the next try, each time longer; false if the time is over. Blocks: the thread. */
export function pauseBefore(tries: number, deadline: number): boolean {
  const left = deadline - performance.now();
  if (left <= 0) return false;
  Atomics.wait(nothing, 0, 0, Math.min(left, LONGEST, SHORTEST * 2 ** tries));
  return true;
}
