import { Barrier, SharedValue } from "@cordage/ipc";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { partnersObjects, startPartner } from "./partner.mjs";

const how = process.argv[2];
const n = count(1_000_000);

function countUp(counter) {
  if (how === "add") for (let i = 0; i < n; i++) counter.add(1);
  else countUnder(counter, counter.getLock());
}

function countUnder(counter, lock) {
  for (let i = 0; i < n; i++) {
    lock.acquireSync();
    counter.value++;
    lock.release();
  }
}

const given = partnersObjects(1);
if (given) {
  const [counter, start] = given;
  start.waitSync();
  countUp(counter);
} else {
  const counter = new SharedValue("int32", 0);
  const start = new Barrier(2);
  const { ended } = startPartner([counter, start]);
  start.waitSync();
  const took = await seconds(async () => {
    countUp(counter);
    await ended;
  });
  if (counter.value !== 2 * n) throw new Error(`the counter is ${counter.value}, not ${2 * n}`);
  report((2 * n) / took);
}
