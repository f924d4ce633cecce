// asyncGenerator|stream|effection|effect|effectInMicrotasks CAPACITY: one task puts numbers, another takes them.
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { equal, reportNanoseconds } from "../measure.mjs";
import { inMicrotasks } from "./effect.mjs";

const [peer, capacity] = [process.argv[2], Number(process.argv[3])];

function check(value, expected) {
  if (value !== expected) equal(value, expected, "value");
}

async function checkAll(values, n) {
  let taken = 0;
  for await (const value of values) check(value, taken++);
  equal(taken, n, "values");
}

const peers = {
  async asyncGenerator() {
    async function* produce(n) {
      for (let i = 0; i < n; i++) yield i;
    }
    return (n) => checkAll(produce(n), n);
  },

  async stream() {
    async function writeAll(stream, n) {
      for (let i = 0; i < n; i++) if (!stream.write(i)) await once(stream, "drain");
      stream.end();
    }
    return (n) => {
      const stream = new PassThrough({ objectMode: true, highWaterMark: capacity });
      return Promise.all([writeAll(stream, n), checkAll(stream, n)]);
    };
  },

  async effection() {
    const { all, createQueue, run } = await import("effection");
    const room = Math.max(1, capacity);
    function* putAll(values, answers, n) {
      for (let i = 0; i < n; i++) {
        values.add(i);
        if ((i + 1) % room === 0) yield* answers.next();
      }
    }
    function* takeAll(values, answers, n) {
      for (let i = 0; i < n; i++) {
        const { value } = yield* values.next();
        check(value, i);
        if ((i + 1) % room === 0) answers.add();
      }
    }
    return (n) => {
      const [values, answers] = [createQueue(), createQueue()];
      return run(() => all([putAll(values, answers, n), takeAll(values, answers, n)]));
    };
  },

  async effect(options) {
    const { Effect, Queue } = await import("effect");
    const putAll = (queue, n) =>
      Effect.gen(function* () {
        for (let i = 0; i < n; i++) yield* Queue.offer(queue, i);
      });
    const takeAll = (queue, n) =>
      Effect.gen(function* () {
        for (let i = 0; i < n; i++) check(yield* Queue.take(queue), i);
      });
    const both = (n) =>
      Effect.gen(function* () {
        const queue = yield* Queue.bounded(capacity);
        yield* Effect.all([putAll(queue, n), takeAll(queue, n)], { concurrency: "unbounded" });
      });
    return (n) => Effect.runPromise(both(n), options);
  },

  async effectInMicrotasks() {
    return peers.effect(await inMicrotasks());
  },
};

const run = await peers[peer]();
const full = { asyncGenerator: 2_000_000, stream: 2_000_000 }[peer] ?? 200_000;
await reportNanoseconds(full, run);
