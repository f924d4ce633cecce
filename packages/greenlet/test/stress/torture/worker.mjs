// A worker thread: its greenlets switch, some stay parked, and it says whether all was right.
import { parentPort, workerData } from "node:worker_threads";
import { Greenlet, getCurrent } from "@cordage/greenlet";
import { seeded } from "@cordage/test-support";

const random = seeded(workerData.seed);
const main = getCurrent();
const parked = Array.from(
  { length: 50 },
  (_, i) =>
    new Greenlet((n) => {
      let sum = n;
      for (;;) sum += main.switch(sum + i);
    }),
);
let right = true;
const sums = parked.map(() => 0);
for (let i = 0; i < 2000; i++) {
  const at = random(parked.length);
  const more = random(100);
  sums[at] += more;
  if (parked[at].switch(more) !== sums[at] + at) right = false;
}
parentPort.postMessage({ right });
parentPort.once("message", () => parentPort.close());
