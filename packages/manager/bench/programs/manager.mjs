// Ours: a manager whose server is there.
import { Manager } from "@cordage/manager";
import { seconds } from "../../../../scripts/bench/program.mjs";

/** Lends a manager, and gives the work's result. */
export async function withManager(work) {
  const manager = await Manager();
  const result = await work(manager);
  await manager.shutdown();
  return result;
}

/** Makes so many calls, one after the other; each gets its number. */
export async function repeat(form, times, { blocking, promising }) {
  if (form === "sync") for (let i = 0; i < times; i++) blocking(i);
  else for (let i = 0; i < times; i++) await promising(i);
}

/** Seconds of one call, once as many have been made. */
export async function secondsEach(form, n, calls) {
  await repeat(form, n, calls);
  return (await seconds(() => repeat(form, n, calls))) / n;
}

/** A dict of a thousand numbers. */
export const ITEMS = Array.from({ length: 1000 }, (_, i) => [i, i]);

/** The calls that set or get those. */
export function using(d, op) {
  const { sync } = d;
  const at = (i) => i % ITEMS.length;
  return op === "set"
    ? { blocking: (i) => sync.set(at(i), i), promising: (i) => d.set(at(i), i) }
    : { blocking: (i) => sync.get(at(i)), promising: (i) => d.get(at(i)) };
}
