// What the programs share, ours and the peers'.
import { readFileSync } from "node:fs";
import { count, report } from "../../../scripts/bench/program.mjs";

export { equal, sumBelow } from "../../../scripts/bench/program.mjs";

/** Reports the nanoseconds of one of about `full` repetitions, after shorter runs; `work` returns how many they were. */
export function reportNanoseconds(full, work) {
  const n = count(full);
  for (let i = 0; i < 3; i++) work(Math.ceil(n / 5));
  const began = performance.now();
  const done = work(n);
  report(((performance.now() - began) / done) * 1e6);
}

/** As {@link reportNanoseconds}, of work that ends later. */
export async function reportNanosecondsLater(full, work) {
  const n = count(full);
  for (let i = 0; i < 3; i++) await work(Math.ceil(n / 5));
  const began = performance.now();
  const done = await work(n);
  report(((performance.now() - began) / done) * 1e6);
}

const PAGE = 4096;

/** Bytes of memory that the process has in use. */
export function resident() {
  return Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]) * PAGE;
}
