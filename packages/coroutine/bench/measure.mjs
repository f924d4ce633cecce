// What the programs share, ours and the peers'.
import { count, equal, report, seconds } from "../../../scripts/bench/program.mjs";

export { equal, sumBelow } from "../../../scripts/bench/program.mjs";

/** Reports the nanoseconds of one of `full` repetitions, after shorter runs in which the engine compiles what it meets. */
export async function reportNanoseconds(full, work) {
  const n = count(full);
  for (let i = 0; i < 3; i++) await work(Math.ceil(n / 5));
  report(((await seconds(() => work(n))) / n) * 1e9);
}

/** Reports how many bytes of the heap each of `n` tasks keeps once `park` has them all wait. Node needs --expose-gc. */
export async function reportBytesEach(full, park) {
  const n = count(full);
  await parked(park, Math.ceil(n / 100)); // what is loaded and compiled at the first use is no task's
  const before = heap();
  await parked(park, n);
  report((heap() - before) / n);
  process.exit(); // they wait still
}

const kept = [];

async function parked(park, n) {
  let started = 0;
  kept.push(park(n, () => started++));
  while (started < n) await new Promise(setImmediate);
  await new Promise(setImmediate); // what the last ones began to wait for
}

function heap() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** A group whose tasks wait until one of them fails: reports the microseconds from that to the end of all. */
export async function reportFailure(runGroup) {
  const others = count(1000) - 1;
  let took = 0;
  for (let i = 0; i < WARM + MEASURED; i++) {
    const one = await failure(runGroup, others);
    if (i >= WARM) took += one;
  }
  report((took / MEASURED) * 1e6);
}

const WARM = 10;
const MEASURED = 40;

async function failure(runGroup, others) {
  let began;
  let ended = 0;
  const fail = () => {
    began = performance.now();
    throw new Error("as intended");
  };
  try {
    await runGroup(others, () => ended++, fail);
  } catch (error) {
    equal(error.message, "as intended", "what the group failed with");
    equal(ended, others, "tasks that have ended with the group");
    return (performance.now() - began) / 1000;
  }
  throw new Error("the group has not failed");
}

/** That `tasks` tasks took turns, one after the other: `order` has the number of each at each turn. */
export function equalTurns(order, tasks, turns) {
  equal(order.length, tasks * turns, "turns");
  for (const [at, task] of order.entries()) equal(task, at % tasks, `task of turn ${at}`);
}
