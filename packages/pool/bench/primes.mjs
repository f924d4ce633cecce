// The work of the bench "cpu": the same for every contender.
import { count, secondsSync } from "../../../scripts/bench/program.mjs";
import { countPrimes } from "./programs/tasks.mjs";

const size = count(150_000);

/** 32 ranges that take about equally long. */
export const ranges = Array.from({ length: 32 }, (_, i) => [2_000_000 + i * size, 2_000_000 + (i + 1) * size]);

/** As many, but short: they get the function compiled wherever it runs. */
export const warmUp = ranges.map(([from]) => [from, from + 500]);

/** How much faster it is with the pool; `mapRanges` promises the counts of the ranges it is given. */
export async function speedUp(mapRanges) {
  warmUp.forEach(countPrimes);
  await mapRanges(warmUp);
  let expected;
  const alone = secondsSync(() => (expected = ranges.map(countPrimes)));
  const began = performance.now();
  const counts = await mapRanges(ranges);
  const pooled = (performance.now() - began) / 1000;
  if (String(counts) !== String(expected)) throw new Error("the pool counts other primes");
  return alone / pooled;
}
