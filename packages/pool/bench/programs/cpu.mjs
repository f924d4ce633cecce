// Counts primes in 32 ranges: process|thread.
import { isMain } from "@cordage/process";
import { report } from "../../../../scripts/bench/program.mjs";
import { speedUp } from "../primes.mjs";
import { withPool } from "./pool.mjs";
import { countPrimes } from "./tasks.mjs";

if (isMain(import.meta)) {
  const inPool = (pool) => speedUp((ranges) => pool.map(countPrimes, ranges, { chunksize: 1 }));
  const factor = await withPool(process.argv[2], inPool, 0);
  report(factor);
}
