// The work of the bench "cpu": the same for every contender.
import { count, seconds, secondsSync } from "../../../scripts/bench/program.mjs";
import { countPrimes } from "./programs/tasks.mjs";

const size = count(100_000);

/** 32 ranges that take about equally long. */
export const ranges = Array.from({ length: 32 }, (_, i) => [2_000_000 + i * size, 2_000_000 + (i + 1) * size]);

/** As many, but short: they get the function compiled wherever it runs. */
export const warmUp = ranges.map(([from]) => [from, from + 500]);

/**
 * How much faster it is with the pool; `mapRanges` promises the counts of the ranges it is given. Both take three turns,
 * and the shortest of each counts: on a shared machine a disturbance hits one of them only.
 */
export async function speedUp(mapRanges) {
  warmUp.forEach(countPrimes);
  await mapRanges(warmUp);
  let alone = Number.POSITIVE_INFINITY;
  let pooled = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 3; turn++) {
    let expected;
    let counts;
    alone = Math.min(
      alone,
      secondsSync(() => (expected = ranges.map(countPrimes))),
    );
    pooled = Math.min(pooled, await seconds(async () => (counts = await mapRanges(ranges))));
    if (String(counts) !== String(expected)) throw new Error("the pool counts other primes");
  }
  return alone / pooled;
}
