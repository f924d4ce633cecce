// Run: node queue.mjs MAXSIZE
import { Queue, run, spawnN } from "@cordage/eventlet";
import { equal, reportMicroseconds, sumBelow } from "../measure.mjs";

const maxsize = Number(process.argv[2]);

await run(() =>
  reportMicroseconds(500_000, (n) => {
    const items = new Queue(maxsize);
    spawnN(() => {
      for (let i = 0; i < n; i++) items.put(i);
    });
    let sum = 0;
    for (let i = 0; i < n; i++) sum += items.get();
    equal(sum, sumBelow(n), "sum of the items");
    return n;
  }),
);
