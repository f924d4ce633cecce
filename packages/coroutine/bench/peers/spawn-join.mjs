// async|effection|effect|effectInMicrotasks|co: a task spawns others, and joins each.
import { equal, reportNanoseconds, sumBelow } from "../measure.mjs";
import { inMicrotasks } from "./effect.mjs";

function* child(i) {
  return i;
}

const peers = {
  async async() {
    const child = async (i) => i;
    return async (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += await child(i);
      return sum;
    };
  },

  async effection() {
    const { run, spawn } = await import("effection");
    function* parent(n) {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const task = yield* spawn(() => child(i));
        sum += yield* task;
      }
      return sum;
    }
    return (n) => run(() => parent(n));
  },

  async effect(options) {
    const { Effect, Fiber } = await import("effect");
    const childOf = (i) => Effect.gen(() => child(i));
    const parent = (n) =>
      Effect.gen(function* () {
        let sum = 0;
        for (let i = 0; i < n; i++) {
          const fiber = yield* Effect.forkChild(childOf(i));
          sum += yield* Fiber.join(fiber);
        }
        return sum;
      });
    return (n) => Effect.runPromise(parent(n), options);
  },

  async effectInMicrotasks() {
    return peers.effect(await inMicrotasks());
  },

  async co() {
    const { default: co } = await import("co");
    function* parent(n) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += yield co(child(i));
      return sum;
    }
    return (n) => co(parent(n));
  },
};

const peer = process.argv[2];
const run = await peers[peer]();
const full = { async: 5_000_000, effection: 50_000 }[peer] ?? 500_000;
await reportNanoseconds(full, async (n) => equal(await run(n), sumBelow(n), "sum"));
