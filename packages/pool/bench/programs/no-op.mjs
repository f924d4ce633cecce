// All tasks are submitted at once: process|thread.
import { isMain } from "@cordage/process";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { withPool } from "./pool.mjs";
import { identity } from "./tasks.mjs";

if (isMain(import.meta)) {
  const n = count(20_000);
  const took = await withPool(process.argv[2], (pool) =>
    seconds(async () => {
      const results = Array.from({ length: n }, (_, i) => pool.applyAsync(identity, [i]));
      for (const result of results) await result.get();
    }),
  );
  report(n / took);
}
