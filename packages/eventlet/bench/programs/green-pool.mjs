// Run: node green-pool.mjs spawn|spawnN
import { GreenPool, run } from "@cordage/eventlet";
import { equal, reportMicroseconds, sumBelow } from "../measure.mjs";

const how = process.argv[2];

await run(() =>
  reportMicroseconds(100_000, (n) => {
    const pool = new GreenPool(100);
    let sum = 0;
    const add = (i) => {
      sum += i;
    };
    for (let i = 0; i < n; i++) pool[how](add, i);
    pool.waitall();
    equal(sum, sumBelow(n), "sum of the arguments");
    return n;
  }),
);
