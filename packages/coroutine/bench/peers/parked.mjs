// async|effection|effect sleep|take: many tasks that wait.
import { setTimeout } from "node:timers/promises";
import { reportBytesEach } from "../measure.mjs";

const [peer, what] = process.argv.slice(2);

const peers = {
  async async() {
    const takers = [];
    const waits = {
      async sleep(started) {
        started();
        await setTimeout(1e6);
      },
      async take(started) {
        started();
        await new Promise((resolve) => takers.push(resolve));
      },
    };
    const wait = waits[what];
    return (n, started) => {
      for (let i = 0; i < n; i++) wait(started);
    };
  },

  async effection() {
    const { createQueue, createScope, sleep } = await import("effection");
    const queue = createQueue();
    const waits = {
      *sleep(started) {
        started();
        yield* sleep(1e6);
      },
      *take(started) {
        started();
        yield* queue.next();
      },
    };
    const wait = waits[what];
    return (n, started) => {
      const [scope] = createScope();
      for (let i = 0; i < n; i++) scope.run(() => wait(started));
      return scope;
    };
  },

  async effect() {
    const { Effect, Queue } = await import("effect");
    const queue = await Effect.runPromise(Queue.bounded(0));
    const waiting = { sleep: Effect.sleep(1e6), take: Queue.take(queue) }[what];
    const wait = (started) =>
      Effect.gen(function* () {
        started();
        yield* waiting;
      });
    return (n, started) => {
      for (let i = 0; i < n; i++) Effect.runFork(wait(started));
    };
  },
};

await reportBytesEach(peer === "effection" ? 100_000 : 1_000_000, await peers[peer]());
