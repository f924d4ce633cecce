// All tasks are submitted at once: PEER.
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { withPool } from "./pool.mjs";

const n = count(20_000);
const took = await withPool(({ run }) =>
  seconds(async () => {
    const results = Array.from({ length: n }, (_, i) => run("identity", i));
    for (const result of results) await result;
  }),
);
report(n / took);
