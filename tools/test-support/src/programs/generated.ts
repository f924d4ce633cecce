/** How random programs are tried. */
import fc from "fast-check";
import { seed } from "../seeded.js";

/** In milliseconds. A limit, because a switch between threads takes a hundred times longer on a busy machine. */
const LONGEST = 20_000;

/** What an arbitrary makes. */
export type Generated<A> = A extends fc.Arbitrary<infer T> ? T : never;

/**
 * Tries so many programs, but none any more once the time is over; at least one always is. fast-check prints the seed and the path of one that fails,
 * and the smallest one that does.
 */
export async function tryAll<P>(
  programs: fc.Arbitrary<P>,
  runs: number,
  holds: (one: P) => Promise<void>,
): Promise<void> {
  const end = performance.now() + LONGEST;
  const tried = async (one: P) => {
    if (performance.now() < end) await holds(one);
  };
  await fc.assert(fc.asyncProperty(programs, tried), { numRuns: runs, seed });
}
