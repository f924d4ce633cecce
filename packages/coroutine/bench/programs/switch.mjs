// TASKS give their turns away.
import { Scheduler } from "@cordage/coroutine";
import { equalTurns, reportNanoseconds } from "../measure.mjs";

const tasks = Number(process.argv[2]);

function* takeTurns(id, turns, order) {
  for (let i = 0; i < turns; i++) {
    order?.push(id);
    yield;
  }
}

function run(turns, order) {
  const scheduler = new Scheduler();
  for (let id = 0; id < tasks; id++) scheduler.spawn(takeTurns(id, turns, order));
  return scheduler.run();
}

const order = [];
await run(10, order);
equalTurns(order, tasks, 10);
await reportNanoseconds(10_000_000, (n) => run(Math.ceil(n / tasks)));
