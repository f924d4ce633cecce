import { joinAll, run, spawn } from "@cordage/gevent";
import { equal, reportMicroseconds, sumBelow } from "../measure.mjs";

const same = (value) => value;

await run(() =>
  reportMicroseconds(100_000, (n) => {
    const all = joinAll(Array.from({ length: n }, (_, i) => spawn(same, i)));
    equal(
      all.reduce((sum, one) => sum + one.value, 0),
      sumBelow(n),
      "sum of the results",
    );
    return n;
  }),
);
