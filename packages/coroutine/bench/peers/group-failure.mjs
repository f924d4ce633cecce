// async|effection|effect: one task of a group fails once the others wait.
import { setMaxListeners } from "node:events";
import { setTimeout } from "node:timers/promises";
import { reportFailure } from "../measure.mjs";

const peers = {
  async async() {
    async function wait(signal, ended) {
      try {
        await setTimeout(1e6, undefined, { signal });
      } finally {
        ended();
      }
    }
    async function failSoon(fail) {
      await undefined;
      fail();
    }
    return async (others, ended, fail) => {
      const abort = new AbortController();
      setMaxListeners(0, abort.signal);
      const tasks = Array.from({ length: others }, () => wait(abort.signal, ended));
      tasks.push(failSoon(fail));
      try {
        await Promise.all(tasks);
      } finally {
        abort.abort();
        await Promise.allSettled(tasks);
      }
    };
  },

  async effection() {
    const { all, run, sleep } = await import("effection");
    function* wait(ended) {
      try {
        yield* sleep(1e6);
      } finally {
        ended();
      }
    }
    function* failSoon(fail) {
      yield* sleep(0);
      fail();
    }
    return (others, ended, fail) =>
      run(() => all([...Array.from({ length: others }, () => wait(ended)), failSoon(fail)]));
  },

  async effect() {
    const { Effect } = await import("effect");
    const wait = (ended) => Effect.ensuring(Effect.sleep(1e6), Effect.sync(ended));
    const failSoon = (fail) =>
      Effect.gen(function* () {
        yield* Effect.yieldNow;
        yield* Effect.try({ try: fail, catch: (error) => error });
      });
    return (others, ended, fail) =>
      Effect.runPromise(
        Effect.all([...Array.from({ length: others }, () => wait(ended)), failSoon(fail)], {
          concurrency: "unbounded",
        }),
      );
  },
};

await reportFailure(await peers[process.argv[2]]());
