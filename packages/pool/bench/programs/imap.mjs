// Results one by one, as they come: process|thread.
import { isMain } from "@cordage/process";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { withPool } from "./pool.mjs";
import { identity } from "./tasks.mjs";

if (isMain(import.meta)) {
  const n = count(20_000);
  const items = Array.from({ length: n }, (_, i) => i);
  let left = 4 * n;
  const took = await withPool(process.argv[2], (pool) =>
    seconds(async () => {
      for await (const _ of pool.imapUnordered(identity, items)) left--;
    }),
  );
  if (left !== 0) throw new Error(`${left} results are missing`);
  report(n / took);
}
