// Kills a process before its k-th step inside each operation of a queue, for every k, and checks what the others find.
// A step is an atomic operation or a system call: what a process has written between two of them nobody else reads.
// node --single-threaded --v8-pool-size=0 queue-deaths.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { JoinableQueue, Queue, SimpleQueue } from "@cordage/ipc";
import { native } from "@cordage/ipc/sys";
import { forked, reap } from "../support/forked.mjs";

let stepsLeft = Number.POSITIVE_INFINITY;
function dieInFrontOf(owner, name) {
  const original = owner[name];
  owner[name] = (...args) => {
    if (--stepsLeft === 0) process.kill(native.gettid(), "SIGKILL");
    return original.apply(owner, args);
  };
}
for (const name of ["load", "store", "exchange", "compareExchange", "add"]) dieInFrontOf(Atomics, name);
for (const name of ["futexWake", "futexWait", "punch", "allocate"]) dieInFrontOf(native, name);
for (const name of ["readSync", "writevSync"]) dieInFrontOf(fs, name);
syncBuiltinESMExports();

const LARGE = "x".repeat(5000);
const item = (n, large) => [n, large ? LARGE : "small"];

/** Runs `operation` in a child that dies before step k; true if it came to its end. */
function survives(k, operation) {
  const pid = forked(() => {
    stepsLeft = k;
    operation();
    stepsLeft = Number.POSITIVE_INFINITY;
  });
  const status = reap(pid);
  assert.ok(status === 0 || status === -9, `the child ended with ${status}`);
  return status === 0;
}

const drained = (queue) => {
  const found = [];
  while (!queue.empty()) found.push(queue.getSync({ timeout: 5000 })[0]);
  return found;
};

/** A killed put is there or not; what the living put before and after is there, once and in order. */
function deathInPut(make, before, large, sleepers, largeBefore = 1) {
  for (let k = 1; ; k++) {
    const queue = make();
    for (let i = 0; i < before; i++) queue.putSync(item(i, large && i < largeBefore));
    if (sleepers) queue.memory.items.announce();
    const survived = survives(k, () => queue.putSync(item("dying", large)));
    for (let i = before; i < before + 3; i++) queue.putSync(item(i, false), { timeout: 5000 });
    const found = drained(queue);
    const there = found.includes("dying");
    assert.ok(there || !survived, "an item that was put is lost");
    const expected = [...Array(before).keys(), ...(there ? ["dying"] : []), before, before + 1, before + 2];
    assert.deepEqual(found, expected, `step ${k}`);
    if (queue instanceof JoinableQueue) {
      for (let i = 0; i < found.length; i++) queue.taskDone();
      assert.throws(() => queue.taskDone(), { code: "ERR_TASK_DONE" });
      queue.joinSync({ timeout: 5000 });
    }
    if (survived) return k;
  }
}

/** A killed get has taken the first item or not; all others are there, once and in order. */
function deathInGet(make, count, large, sleepers) {
  for (let k = 1; ; k++) {
    const queue = make();
    for (let i = 0; i < count; i++) queue.putSync(item(i, large && i < 2));
    if (sleepers) queue.memory.space.announce();
    const survived = survives(k, () => assert.equal(queue.getSync()[0], 0));
    queue.putSync(item(count, false), { timeout: 5000 });
    const found = drained(queue);
    assert.ok(!(survived && found[0] === 0), "an item was taken twice");
    const first = found[0] === 0 ? 0 : 1;
    assert.deepEqual(
      found,
      Array.from({ length: count + 1 - first }, (_, i) => i + first),
      `step ${k}`,
    );
    if (survived) return k;
  }
}

/** A killed taskDone has counted or not. */
function deathInTaskDone() {
  for (let k = 1; ; k++) {
    const queue = new JoinableQueue();
    for (let i = 0; i < 2; i++) queue.putSync(i);
    queue.memory.tasks.announce();
    const survived = survives(k, () => queue.taskDone());
    const left = queue.memory.unfinished();
    assert.ok(left === 1 || (left === 2 && !survived), `${left} left`);
    for (let i = 0; i < left; i++) queue.taskDone();
    queue.joinSync({ timeout: 5000 });
    if (survived) return k;
  }
}

/** After a shutdown that died half-way, another shutdown completes it: nothing can be put, what is left is dropped. */
function deathInShutdown() {
  for (let k = 1; ; k++) {
    const queue = new JoinableQueue(0, { ringBytes: 256 });
    for (let i = 0; i < 9; i++) queue.putSync(item(i, i === 5));
    const survived = survives(k, () => queue.shutdown(true));
    queue.shutdown(true);
    assert.throws(() => queue.putSync(1), { code: "ERR_QUEUE_SHUT_DOWN" });
    assert.throws(() => queue.getSync(), { code: "ERR_QUEUE_SHUT_DOWN" });
    assert.equal(queue.qsize(), 0);
    queue.joinSync({ timeout: 5000 });
    if (survived) return k;
  }
}

const small = { ringBytes: 64 };
const tried = {
  "put, ring": deathInPut(() => new Queue(), 2, false, true),
  "put, ring wraps": deathInPut(() => new Queue(0, { ringBytes: 128 }), 5, false, true),
  "put, ring gets memory": deathInPut(() => new Queue(), 13, true, true, 13), // the 14th crosses its first 64 KiB
  "put, log": deathInPut(() => new Queue(0, small), 2, true, true),
  "put, bounded": deathInPut(() => new Queue(10), 2, false, true),
  "put, joinable": deathInPut(() => new JoinableQueue(), 2, false, true),
  "put, simple": deathInPut(() => new SimpleQueue(small), 9, false, true),
  "get, ring": deathInGet(() => new Queue(), 3, false, false),
  "get, bounded": deathInGet(() => new Queue(5), 4, false, true),
  "get, log": deathInGet(() => new Queue(0, small), 4, true, false),
  "get, simple": deathInGet(() => new SimpleQueue(small), 9, false, false),
  taskDone: deathInTaskDone(),
  shutdown: deathInShutdown(),
};
console.log(JSON.stringify(tried));
