/** Whose call runs now, in a server. */
import type { Caller } from "./server/caller.js";

let current: Caller | undefined;

export function currentCaller(): Caller | undefined {
  return current;
}

/** Only until `work` returns: what it does later, as an async function, is not seen here. */
export function during<T>(caller: Caller, work: () => T): T {
  const before = current;
  current = caller;
  try {
    return work();
  } finally {
    current = before;
  }
}
