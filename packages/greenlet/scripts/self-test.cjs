// Does what greenlets do, on the stack engine, in a process of its own: a Node on which that goes wrong crashes here. Prints JSON when all
// went well: what it counted, and what it found out about this Node; then ends with stacks parked. argv: the addon, bytes of a stack. See src/internal/self-test.ts.
"use strict";
const { AsyncLocalStorage } = require("node:async_hooks");
const { open } = require(process.argv[2]);

const COUNT = 40;
const ROUNDS = 12;
const parcels = { error: undefined, run: undefined };
let main;
const kept = [];
const keep = () => kept.push(new MessageChannel());
const edge = open("stack", Number(process.argv[3]), body, new Int32Array(1), true, undefined, keep);
if (typeof edge === "string") fail(edge);
main = edge.mainFiber();
let sum = 0;
/** Where V8 itself has the context of whoever runs, so that each stack has its own. See native/gc-guard.h. */
const storage = Number.parseInt(process.versions.v8, 10) >= 13 ? new AsyncLocalStorage() : undefined;

function fail(reason) {
  console.log(reason);
  process.exit(1);
}

function body() {
  const { run } = parcels;
  try {
    run();
  } catch (error) {
    parcels.error = error;
  }
  return main;
}

function start(run) {
  const fiber = edge.create();
  edge.prepare(fiber, 1);
  parcels.run = run;
  fiber.switchTo();
  return fiber;
}

function litter() {
  return Array.from({ length: 300 }, (_, i) => ({ i, text: `number ${i}` })).reduce(
    (total, one) => total + one.text.length,
    0,
  );
}

function deep(n) {
  return n === 0 ? main.switchTo() : deep(n - 1);
}

/** Parks again and again, with young objects on its stack and a collection in between. */
function worker(id) {
  const local = { id };
  for (let round = 0; round < ROUNDS; round++) {
    const young = { text: `${id}/${round}`, of: local };
    storage?.enterWith({ of: young });
    litter();
    if (round % 4 === 1) deep(50);
    else main.switchTo();
    if ((id + round) % 16 === 0) globalThis.gc({ type: round % 2 ? "minor" : "major" });
    if (young.text !== `${id}/${round}` || young.of.id !== id) fail("a local value was lost");
    if (storage && storage.getStore().of !== young) fail("a context was lost");
    sum++;
  }
  throw new Error(`end of ${id}`);
}

function overflow() {
  const endless = () => 1 + endless();
  try {
    endless();
  } catch (error) {
    if (error instanceof RangeError) sum++;
  }
  JSON.stringify([[[["nested"]]]]);
}

const workers = Array.from({ length: COUNT }, (_, id) => start(() => worker(id)));
for (let round = 0; round < ROUNDS; round++) {
  for (const [id, fiber] of workers.entries()) {
    fiber.switchTo();
    litter();
    if (round === ROUNDS - 1 && parcels.error?.message !== `end of ${id}`) fail("an error was lost");
  }
  globalThis.gc();
}
start(overflow);
overflow(); // on the main one, too

(async () => {
  const parked = start(() => deep(10));
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
  parked.switchTo();
  for (let i = 0; i < 3; i++) start(() => deep(10)); // parked for good
  console.log(JSON.stringify({ sum, requests: edge.requests }));
})();
