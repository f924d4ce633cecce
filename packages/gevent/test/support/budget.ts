/** A limit for what tries many random programs: a switch between threads takes a hundred times longer on a busy machine. */

const LONGEST = 20_000;

/** What is tried until the time is over; whatever comes then holds without being tried. At least one always is. */
export function whileThereIsTime<T>(holds: (one: T) => Promise<void>): (one: T) => Promise<void> {
  const end = performance.now() + LONGEST;
  return async (one) => {
    if (performance.now() < end) await holds(one);
  };
}
