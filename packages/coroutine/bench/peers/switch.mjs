// async|effection|effect|effectInMicrotasks|co TASKS: these give their turns away.
import { equalTurns, reportNanoseconds } from "../measure.mjs";
import { inMicrotasks } from "./effect.mjs";

const [peer, tasks] = [process.argv[2], Number(process.argv[3])];
const ids = Array.from({ length: tasks }, (_, id) => id);

const peers = {
  async async() {
    async function takeTurns(id, turns, order) {
      for (let i = 0; i < turns; i++) {
        order?.push(id);
        await undefined;
      }
    }
    return (turns, order) => Promise.all(ids.map((id) => takeTurns(id, turns, order)));
  },

  async effection() {
    const { action, all, run } = await import("effection");
    const left = () => {};
    const turn = action((resolve) => {
      resolve();
      return left;
    });
    function* takeTurns(id, turns, order) {
      for (let i = 0; i < turns; i++) {
        order?.push(id);
        yield* turn;
      }
    }
    return (turns, order) => run(() => all(ids.map((id) => takeTurns(id, turns, order))));
  },

  async effect(options) {
    const { Effect } = await import("effect");
    const takeTurns = (id, turns, order) =>
      Effect.gen(function* () {
        for (let i = 0; i < turns; i++) {
          order?.push(id);
          yield* Effect.yieldNow;
        }
      });
    return (turns, order) =>
      Effect.runPromise(
        Effect.forEach(ids, (id) => takeTurns(id, turns, order), { concurrency: "unbounded", discard: true }),
        options,
      );
  },

  async effectInMicrotasks() {
    return peers.effect(await inMicrotasks());
  },

  async co() {
    const { default: co } = await import("co");
    const turn = Promise.resolve();
    function* takeTurns(id, turns, order) {
      for (let i = 0; i < turns; i++) {
        order?.push(id);
        yield turn;
      }
    }
    return (turns, order) => Promise.all(ids.map((id) => co(takeTurns(id, turns, order))));
  },
};

const run = await peers[peer]();
const order = [];
await run(10, order);
equalTurns(order, tasks, 10);
const full = { async: 5_000_000, effection: 300_000, co: 2_000_000 }[peer] ?? 500_000;
await reportNanoseconds(full, (n) => run(Math.ceil(n / tasks)));
