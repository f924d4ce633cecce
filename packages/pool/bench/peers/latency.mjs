// One task at a time: PEER.
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { withPool } from "./pool.mjs";

const n = count(5_000);
const took = await withPool(({ run }) =>
  seconds(async () => {
    for (let i = 0; i < n; i++) await run("identity", i);
  }),
);
report((took / n) * 1e6);
