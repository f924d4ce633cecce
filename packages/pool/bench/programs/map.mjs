// Maps a million numbers: process|thread.
import { isMain } from "@cordage/process";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { withPool } from "./pool.mjs";
import { identity } from "./tasks.mjs";

if (isMain(import.meta)) {
  const n = count(1_000_000);
  const items = Array.from({ length: n }, (_, i) => i);
  const took = await withPool(process.argv[2], (pool) =>
    seconds(async () => {
      const results = await pool.map(identity, items);
      if (results.length !== n || results[n - 1] !== n - 1) throw new Error("it came back as something else");
    }),
  );
  report(n / took);
}
