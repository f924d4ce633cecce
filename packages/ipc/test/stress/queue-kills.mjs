// Four producers and two consumers of one queue, killed and replaced at random; then every item is accounted for.
// node --single-threaded --v8-pool-size=0 queue-kills.mjs [kills] [seed]
import assert from "node:assert/strict";
import { Queue, SharedArray } from "@cordage/ipc";
import { seeded } from "@cordage/test-support";
import { forked, reap } from "../support/forked.mjs";

const kills = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const ITEMS = 1_000_000; // of one round
const KILLS = 100;
console.log(`seed ${seed}`);

const random = seeded(seed);

// Shared by all: how often each item was put (1: surely) and taken, and what went wrong.
const put = new SharedArray(Uint8Array, ITEMS, { lock: false }).array;
const taken = new SharedArray(Uint8Array, ITEMS, { lock: false }).array;
const common = new SharedArray(Int32Array, 4, { lock: false }).array;
const NEXT = 0;
const STOP = 1;
const OUT_OF_ORDER = 2;

function produce(queue, self) {
  while (!Atomics.load(common, STOP)) {
    const n = Atomics.add(common, NEXT, 1);
    if (n >= ITEMS) return;
    // Too long for a small ring every now and then; the numbers of one producer only grow.
    queue.putSync([self, n, "x".repeat(n % 50 === 0 ? 300 : n % 7)]);
    Atomics.store(put, n, 1);
  }
}

function take([producer, n], latest) {
  if (n <= (latest.get(producer) ?? -1)) Atomics.add(common, OUT_OF_ORDER, 1);
  latest.set(producer, n);
  Atomics.add(taken, n, 1);
}

function consume(queue) {
  const latest = new Map();
  for (;;) {
    try {
      for (;;) take(queue.getSync({ timeout: 50 }), latest);
    } catch (error) {
      if (error.code !== "ERR_QUEUE_EMPTY") throw error;
      if (Atomics.load(common, STOP) === 2) return;
    }
  }
}

const nap = new Int32Array(new SharedArrayBuffer(4));
const sleep = (ms) => Atomics.wait(nap, 0, 0, ms);

/** One queue, its six parties, some kills; returns how many were killed and how many of them were consumers. */
function round(most) {
  put.fill(0);
  taken.fill(0);
  common.fill(0);
  const queue = new Queue([0, 0, 3, 100][random(4)], { ringBytes: [64, 512, 4096, 262144][random(4)] });
  let producers = 0;
  const producer = () => ({ pid: forked(() => produce(queue, producers)), again: producer, turn: producers++ });
  const consumer = () => ({ pid: forked(() => consume(queue)), again: consumer, consumes: true });
  const parties = [producer(), producer(), producer(), producer(), consumer(), consumer()];
  const dead = { all: 0, consumers: 0 };
  while (dead.all < most && Atomics.load(common, NEXT) < ITEMS) {
    sleep(random(5) / 2);
    const victim = random(parties.length);
    const { pid, again, consumes } = parties[victim];
    process.kill(pid, "SIGKILL");
    const status = reap(pid);
    assert.ok(status === -9 || status === 0, `a party ended with ${status}`);
    if (status === -9) dead.all++;
    if (status === -9 && consumes) dead.consumers++;
    parties[victim] = again();
  }
  Atomics.store(common, STOP, 1);
  for (const { pid, consumes } of parties) if (!consumes) assert.equal(reap(pid), 0);
  Atomics.store(common, STOP, 2);
  for (const { pid, consumes } of parties) if (consumes) assert.equal(reap(pid), 0);
  account(queue, dead.consumers);
  return dead.all;
}

/** A killed consumer may have had one item in its hands; nothing else may be missing, nothing double. */
function account(queue, deadConsumers) {
  assert.equal(queue.qsize(), 0);
  assert.equal(Atomics.load(common, OUT_OF_ORDER), 0, "items of one producer came out of order");
  let lost = 0;
  const claimed = Math.min(Atomics.load(common, NEXT), ITEMS);
  for (let n = 0; n < claimed; n++) {
    assert.ok(taken[n] <= 1, `item ${n} was taken ${taken[n]} times`);
    if (put[n] && !taken[n]) lost++;
  }
  assert.ok(lost <= deadConsumers, `${lost} items lost by ${deadConsumers} killed consumers`);
  items += claimed;
}

let items = 0;
let done = 0;
while (done < kills) done += round(Math.min(KILLS, kills - done));
console.log(`${done} kills, ${items} items, every one accounted for`);
