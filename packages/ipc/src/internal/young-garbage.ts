/**
 * Collects the garbage among young objects, for who holds memory of others by objects that V8 takes for small: a buffer of
 * a megabyte that is shown by an ArrayBuffer is given back when that is collected, which without a reason may take long.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (options: { type: "minor"; execution: "sync" }) => void;

/** At most this part of the time is spent so. */
const SHARE = 0.05;

let collect: Collect | undefined;
let spent = 0;
let since = 0;

/** How often the flag is set before this is left for another time. */
const MOST_TRIES = 1000;

/**
 * Only V8's own gc() does so, which a new context has while the flag is set. The flag is one for all threads: another one
 * that does the same may have taken it back before the context is made.
 */
export function exposedCollector(): Collect | undefined {
  if (typeof globalThis.gc === "function") return globalThis.gc as unknown as Collect;
  try {
    for (let tried = 0; tried < MOST_TRIES; tried++) {
      setFlagsFromString("--expose-gc");
      const found = runInNewContext("globalThis.gc");
      if (found) return found as Collect;
    }
    return undefined;
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
}

/** Blocks: the thread, usually for less than a millisecond. Does nothing if that was done a moment ago. */
export function collectYoungGarbage(): void {
  const began = performance.now();
  if (spent > (began - since) * SHARE) return;
  collect ??= exposedCollector();
  collect?.({ type: "minor", execution: "sync" });
  const now = performance.now();
  spent = now - began;
  since = began;
}
