/** What greenlets cost. */
import { engine, native } from "./internal/switching.js";

/** Of one thread, and one copy of this package in it. */
export interface Statistics {
  engine: "stack" | "threads";
  /** Greenlets that have started and not ended, the main one aside. */
  greenlets: number;
  /** Suspended ones that nobody can reach any more, not from what is on their stacks either: they keep their stacks, and all that is on these, until the thread ends. */
  lost: number;
  /** Address space that is reserved for stacks; of which the system gives memory only to what was used. */
  stackBytes: number;
}

/**
 * Counts greenlets. A number of `lost` ones that grows is a leak: end greenlets with `throw()` before they are forgotten.
 *
 * A forgotten one is `lost` once the garbage collector has noticed, and among the `greenlets` all the time.
 */
export function statistics(): Statistics {
  const [greenlets, lost, stackBytes] = native.statistics();
  return { engine, greenlets, lost, stackBytes };
}
