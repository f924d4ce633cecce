// One task at a time: process|thread.
import { isMain } from "@cordage/process";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { withPool } from "./pool.mjs";
import { identity } from "./tasks.mjs";

if (isMain(import.meta)) {
  const n = count(5_000);
  const took = await withPool(process.argv[2], (pool) =>
    seconds(async () => {
      for (let i = 0; i < n; i++) await pool.apply(identity, [i]);
    }),
  );
  report((took / n) * 1e6);
}
