// What the programs share, ours and the peers'.
import { count, report } from "../../../scripts/bench/program.mjs";

export { equal, sumBelow } from "../../../scripts/bench/program.mjs";

/** Reports the microseconds of one of about `full` repetitions, after shorter runs; `work` returns how many they were. */
export function reportMicroseconds(full, work) {
  const n = count(full);
  for (let i = 0; i < 3; i++) work(Math.ceil(n / 5));
  const began = performance.now();
  const done = work(n);
  report(((performance.now() - began) / done) * 1e3);
}

/** As {@link reportMicroseconds}, of work that ends later. */
export async function reportMicrosecondsLater(full, work) {
  const n = count(full);
  for (let i = 0; i < 3; i++) await work(Math.ceil(n / 5));
  const began = performance.now();
  const done = await work(n);
  report(((performance.now() - began) / done) * 1e3);
}
