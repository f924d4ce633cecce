// A task spawns others, and joins each.
import { Scheduler, spawn } from "@cordage/coroutine";
import { equal, reportNanoseconds, sumBelow } from "../measure.mjs";

function* child(i) {
  return i;
}

function* parent(n) {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const task = yield* spawn(child(i));
    sum += yield* task.join();
  }
  equal(sum, sumBelow(n), "sum");
}

await reportNanoseconds(2_000_000, (n) => new Scheduler().runUntilComplete(parent(n)));
