import { fileURLToPath } from "node:url";
import { Channel, call, DeadlockError, type Program, Scheduler, sleep, spawn, TestClock } from "@cordage/coroutine";
import { run } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { code } from "./support.js";

const forever = () => new Channel<never>().take();

describe("a run", () => {
  test("ends when the last task has, also one that was spawned meanwhile", async () => {
    const scheduler = new Scheduler();
    const order: string[] = [];
    scheduler.spawn(function* () {
      yield* spawn(function* () {
        yield* sleep(2);
        order.push("later");
      });
      order.push("first");
    });
    expect(order).toEqual([]);
    await scheduler.run();
    expect(order).toEqual(["first", "later"]);
  });

  test("without tasks ends at once, and may be followed by another", async () => {
    const scheduler = new Scheduler();
    await scheduler.run();
    const task = scheduler.spawn(function* () {
      yield;
      return 1;
    });
    await scheduler.run();
    expect(task.result).toBe(1);
  });

  test("is the same one while it lasts", async () => {
    const scheduler = new Scheduler();
    scheduler.spawn(() => sleep(1));
    const first = scheduler.run();
    expect(scheduler.run()).toBe(first);
    await expect(scheduler.runUntilComplete(() => sleep(1))).rejects.toMatchObject(code("ERR_ALREADY_RUNNING"));
    await first;
  });

  test("takes tasks from outside while it waits", async () => {
    const scheduler = new Scheduler();
    scheduler.spawn(() => sleep(20));
    const over = scheduler.run();
    await new Promise(setImmediate);
    expect(
      await scheduler.spawn(function* () {
        yield* sleep(1);
        return "spawned";
      }),
    ).toBe("spawned");
    await over;
  });

  test("until a program is complete cancels what is left, and waits for its end", async () => {
    const scheduler = new Scheduler();
    const seen: string[] = [];
    scheduler.spawn(function* () {
      try {
        yield* forever();
      } finally {
        yield* sleep(1);
        seen.push("cleaned up");
      }
    });
    expect(
      await scheduler.runUntilComplete(function* () {
        yield* sleep(1);
        return 5;
      }),
    ).toBe(5);
    expect(seen).toEqual(["cleaned up"]);
    expect(scheduler.size).toBe(0);
  });
});

describe("an error that nobody waits for", () => {
  test("cancels the other tasks and is what run rejects with, once", async () => {
    const scheduler = new Scheduler();
    const failing = scheduler.spawn(function* () {
      yield* sleep(1);
      throw new Error("mine");
    });
    const other = scheduler.spawn(() => forever());
    await expect(scheduler.run()).rejects.toThrow("mine");
    expect([failing.done, other.cancelled]).toEqual([true, true]);
    await scheduler.run();
  });

  test("comes together with those of others", async () => {
    const scheduler = new Scheduler();
    for (const text of ["a", "b"])
      scheduler.spawn(function* () {
        try {
          yield* sleep(text === "a" ? 1 : 1000);
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: it fails while it is cancelled
          throw new Error(text);
        }
      });
    const error = await scheduler.run().catch((error) => error);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors.map(({ message }: Error) => message)).toEqual(["a", "b"]);
  });

  test("of a program that is run until it is complete comes from that", async () => {
    const scheduler = new Scheduler();
    const failing = scheduler.runUntilComplete(function* () {
      yield;
      throw new Error("of the program");
    });
    await expect(failing).rejects.toThrow("of the program");
  });

  test("is not one that a promise or a task waits for", async () => {
    const scheduler = new Scheduler();
    const task = scheduler.spawn(function* () {
      yield;
      throw new Error("claimed");
    });
    const claimed = expect(task).rejects.toThrow("claimed");
    await scheduler.run();
    await claimed;
  });
});

describe("tasks that wait for each other", () => {
  test("are told apart and cancelled, as soon as nothing in the process can wake one", async () => {
    const { stdout, code: exitcode } = await run(fileURLToPath(new URL("./fixtures/deadlock.mjs", import.meta.url)));
    expect([stdout, exitcode]).toEqual([
      "cleaned up\nERR_DEADLOCK\nleft: taking from a channel\nright: joining left\n",
      0,
    ]);
  });

  test("are found at once where nothing but they happens", async () => {
    const scheduler = new Scheduler({ clock: new TestClock() });
    const channel = new Channel<number>();
    scheduler.spawn(() => channel.take(), { name: "one" });
    const error: DeadlockError = await scheduler.run().catch((error) => error);
    expect(error).toBeInstanceOf(DeadlockError);
    expect(error.waiting).toEqual(["one: taking from a channel"]);
    expect(error.message).toContain("one: taking from a channel");
  });

  test("are left if they wait on although they were cancelled", async () => {
    const scheduler = new Scheduler({ clock: new TestClock() });
    const stubborn = scheduler.spawn(function* () {
      for (;;)
        try {
          yield* forever();
        } catch {}
    });
    await expect(scheduler.run()).rejects.toMatchObject(code("ERR_DEADLOCK"));
    expect([stubborn.done, scheduler.size]).toEqual([false, 1]);
  });
});

describe("the order of turns", () => {
  function traceOf(scheduler: Scheduler, options: (n: number) => object = () => ({})): Promise<string> {
    const trace: string[] = [];
    for (const n of [0, 1, 2, 3])
      scheduler.spawn(function* () {
        for (let round = 0; round < 3; round++) {
          trace.push(`${n}`);
          yield;
        }
      }, options(n));
    return scheduler.run().then(() => trace.join(""));
  }

  test("gives each task one turn in each round", async () => {
    expect(await traceOf(new Scheduler())).toBe("012301230123");
  });

  test("begins each round with those of a higher priority, and leaves none out", async () => {
    expect(await traceOf(new Scheduler(), (n) => ({ priority: n % 2 }))).toBe("130213021302");
  });

  test("is another one for each seed, and the same for the same", async () => {
    const traces = await Promise.all([1, 1, 2, 3].map((seed) => traceOf(new Scheduler({ seed }))));
    expect(traces[0]).toBe(traces[1]);
    expect(new Set(traces).size).toBe(3);
    for (const trace of traces)
      for (let round = 0; round < 12; round += 4)
        expect([...trace.slice(round, round + 4)].sort().join("")).toBe("0123");
  });
});

describe("the event loop", () => {
  /** Ends only if a timer of Node has its turn meanwhile. */
  async function runUntilTimer(scheduler: Scheduler, wait: () => Program): Promise<void> {
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    scheduler.spawn(function* () {
      while (!fired) yield* wait();
    });
    await scheduler.run();
  }

  test("goes on while tasks never wait", () =>
    runUntilTimer(new Scheduler(), function* () {
      yield;
    }));

  test("goes on while tasks wait for promises that are there already", () =>
    runUntilTimer(new Scheduler(), () => call(Promise.resolve())));

  test("goes on while time that is none passes", () =>
    runUntilTimer(new Scheduler({ clock: new TestClock() }), () => sleep(1000)));
});

describe("bad arguments", () => {
  test.each<[string, unknown, string]>([
    ["nothing", undefined, "ERR_INVALID_ARG_TYPE"],
    ["a function that returns no generator", () => 5, "ERR_INVALID_ARG_TYPE"],
    ["an async function", async () => {}, "ERR_INVALID_ARG_TYPE"],
    ["a text", "abc", "ERR_INVALID_ARG_TYPE"],
  ])("%s is no program", (_, program, expected) => {
    const scheduler = new Scheduler();
    expect(() => scheduler.spawn(program as any)).toThrow(expect.objectContaining(code(expected)));
    expect(scheduler.size).toBe(0);
  });

  test("an async function is told how promises are waited for", () => {
    expect(() => new Scheduler().spawn((async () => {}) as any)).toThrow(/yield\* call\(promise\)/);
  });

  test.each([[1.5], ["1"], [2 ** 32]])("a seed of %p is refused", (seed) => {
    expect(() => new Scheduler({ seed: seed as number })).toThrow(/seed must be a/);
  });

  test("a task that yields what is no effect is told so where it did", async () => {
    const scheduler = new Scheduler();
    const program = scheduler.runUntilComplete(function* () {
      try {
        yield Promise.resolve(1);
      } catch (error: any) {
        return [error.code, error.message];
      }
    });
    expect(await program).toEqual(["ERR_INVALID_ARG_TYPE", expect.stringContaining("yield* call(promise)")]);
  });
});
