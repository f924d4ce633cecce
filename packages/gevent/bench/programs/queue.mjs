import { queue, run, spawn } from "@cordage/gevent";
import { equal, reportMicroseconds, sumBelow } from "../measure.mjs";

await run(() =>
  reportMicroseconds(500_000, (n) => {
    const items = new queue.Queue(100);
    spawn(() => {
      for (let i = 0; i < n; i++) items.put(i);
    });
    let sum = 0;
    for (let i = 0; i < n; i++) sum += items.get();
    equal(sum, sumBelow(n), "sum of the items");
    return n;
  }),
);
