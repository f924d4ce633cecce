/** How many workers there are, how they begin and how they end. */
import { SharedValue } from "@cordage/ipc";
import { Pool, ThreadPool } from "@cordage/pool";
import { activeChildren, cpuCount, getContext, type Process } from "@cordage/process";
import { until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import {
  fails,
  initial,
  initializes,
  initializesLater,
  initializesOnce,
  later,
  pid,
  square,
} from "../fixtures/tasks.mjs";
import { failureOf, kinds, pidsOf, thrownBy } from "../support/pools.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe.each(kinds)("$name: workers", ({ name, make }) => {
  // 107 _TestPool.test_make_pool
  test("there are as many as asked for", async () => {
    expect(make({ processes: 3 }).stats().workers).toHaveLength(3);
    const byDefault = make({ processes: undefined });
    expect(byDefault.stats().workers).toHaveLength(cpuCount());
  });

  // 107 _TestPool.test_make_pool
  test.each([-1, 0, 1.5, Number.NaN, 2 ** 40])("there cannot be %p", (processes) => {
    const error = thrownBy(() => make({ processes }));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({
      code: "ERR_OUT_OF_RANGE",
      message: expect.stringMatching(/^cannot make a pool: processes .*, received /),
    });
  });

  // 119 _TestPoolWorkerLifetime.test_pool_worker_lifetime
  test("each is replaced after maxTasksPerChild tasks", async () => {
    const pool = make({ processes: 3, maxTasksPerChild: 10 });
    const names = pool.stats().workers.map(({ name }) => name);
    const results = numbers(100).map((n) => pool.applyAsync(square, [n]));
    for (const [n, result] of results.entries()) expect(await result).toBe(n * n);
    await until(
      () => pool.stats().workers.length === 3 && pool.stats().workers.every(({ state }) => state !== "ending"),
    );
    const { workers, restarts } = pool.stats();
    expect(workers.every(({ pid, tasks }) => pid! > 0 && tasks <= 10)).toBe(true);
    expect(workers.some((worker) => !names.includes(worker.name))).toBe(true);
    expect(restarts).toBeGreaterThanOrEqual(7);
  });

  test("each that takes the place of one which has its last task counts as a restart", async () => {
    const pool = make({ processes: 1, maxTasksPerChild: 1 });
    expect(await Promise.all([1, 2, 3].map((n) => pool.applyAsync(later, [n, 20])))).toEqual([1, 2, 3]);
    await until(() => pool.stats().workers.length === 1 && pool.stats().workers[0]!.state !== "ending");
    const { workers, restarts } = pool.stats();
    expect(restarts).toBeGreaterThanOrEqual(3);
    expect(workers[0]!.name).toMatch(new RegExp(`:${restarts + 1}$`));
  });

  // 120 _TestPoolWorkerLifetime.test_pool_worker_lifetime_early_close
  test("they are replaced after close() too, for as long as tasks wait", async () => {
    const pool = make({ processes: 3, maxTasksPerChild: 1 });
    const results = numbers(6).map((n) => pool.applyAsync(later, [n, 20]));
    pool.close();
    await pool.join();
    expect(await Promise.all(results)).toEqual(numbers(6));
    expect(pool.stats().workers).toEqual([]);
  });

  test("a worker never runs more tasks than maxTasksPerChild, also in a map", async () => {
    const pool = make({ processes: 2, maxTasksPerChild: 1 });
    const pids = await pool.map(initial, numbers(5), { chunksize: 1 });
    expect(pids).toHaveLength(5);
    if (name === "Pool") expect(new Set(await pool.map(pid, numbers(5), { chunksize: 1 })).size).toBe(5);
  });

  // 121 _TestPoolWorkerLifetime.test_pool_maxtasksperchild_invalid
  test.each([0, -1, 0.5, "12", Number.POSITIVE_INFINITY])("maxTasksPerChild cannot be %p", (maxTasksPerChild) => {
    const error = thrownBy(() => make({ maxTasksPerChild: maxTasksPerChild as number }));
    expect(error).toBeInstanceOf(typeof maxTasksPerChild === "string" ? TypeError : RangeError);
    expect(error.message).toMatch(/^cannot make a pool: maxTasksPerChild .*, received /);
  });

  // 185 TestInitializers.test_pool_initializer
  test("an initializer that cannot be called is refused", () => {
    expect(thrownBy(() => make({ initializer: 1 as never }))).toMatchObject({
      name: "TypeError",
      code: "ERR_INVALID_ARG_TYPE",
      message: "cannot make a pool: initializer must be a function or a URL with a fragment, received 1",
    });
  });

  // 185 TestInitializers.test_pool_initializer
  test("the initializer runs once in each worker, even if there is no task", async () => {
    const counter = new SharedValue("int32", 0);
    const pool = make({ processes: 1, initializer: initializes, initargs: [counter, "yes"] });
    pool.close();
    await pool.join();
    expect(counter.value).toBe(1);
    const two = make({ processes: 2, initializer: initializes, initargs: [counter, "yes"] });
    await two.map(square, numbers(100), { chunksize: 1 });
    two.close();
    await two.join();
    expect(counter.value).toBe(3);
  });

  test("an initializer may be asynchronous, or a URL; tasks run after it", async () => {
    expect(await make({ initializer: initializesLater, initargs: ["later"] }).apply(initial)).toBe("later");
    const initializer = new URL("../fixtures/tasks.mjs#initializesLater", import.meta.url);
    expect(await make({ initializer, initargs: ["by URL"] }).apply(initial)).toBe("by URL");
  });

  test("the initializer also runs in those that take the place of others", async () => {
    const counter = new SharedValue("int32", 0);
    const pool = make({ processes: 1, maxTasksPerChild: 1, initializer: initializes, initargs: [counter, "again"] });
    expect(await pool.map(initial, [1, 2, 3], { chunksize: 1 })).toEqual(["again", "again", "again"]);
    expect(counter.value).toBeGreaterThanOrEqual(3);
  });

  // 185 TestInitializers.test_pool_initializer: Python starts new workers for ever
  test("an initializer that throws ends the pool, and is the reason of what its tasks throw", async () => {
    const pool = make({ initializer: fails, initargs: ["not today"] });
    const results = [pool.applyAsync(square, [1]), pool.applyAsync(square, [2])];
    for (const error of await Promise.all(results.map(failureOf))) {
      expect(error).toMatchObject({ name: "PoolError", code: "ERR_POOL_INITIALIZER" });
      expect(error.message).toContain("initializer");
      expect(error.cause).toMatchObject({ name: "RangeError", message: "not today", code: "ERR_OF_TASK" });
      expect(error.cause.stack).toContain("tasks.mjs");
    }
    expect(pool.stats().state).toBe("broken");
    for (const error of [thrownBy(() => pool.applyAsync(square, [1])), await failureOf(pool.map(square, [1]))])
      expect(error).toMatchObject({ code: "ERR_POOL_INITIALIZER", cause: { message: "not today" } });
    await pool.join();
    expect(pool.stats()).toMatchObject({ workers: [], restarts: 0 });
  });

  test("an initializer that throws in a later worker ends the pool as well", async () => {
    const counter = new SharedValue("int32", 0);
    const pool = make({ processes: 1, maxTasksPerChild: 2, initializer: initializesOnce, initargs: [counter] });
    const results = numbers(5).map((n) => pool.applyAsync(square, [n]));
    for (const [n, result] of results.entries()) {
      const outcome = await result.catch((error) => error.code);
      // The next worker is started before the first has answered its last task.
      expect(n < 2 ? [n * n, "ERR_POOL_INITIALIZER"] : ["ERR_POOL_INITIALIZER"]).toContain(outcome);
    }
    expect(counter.value).toBe(2);
  });

  // 110 _TestPool.test_context
  test("leaving its scope terminates the pool", async () => {
    const pool = make();
    expect(await pool.mapAsync(square, [1, 2]).get()).toEqual([1, 4]);
    await pool[Symbol.asyncDispose]();
    expect(pool.stats()).toMatchObject({ state: "terminated", workers: [] });
    expect(thrownBy(() => pool.mapAsync(square, [1]))).toMatchObject({
      name: "PoolClosedError",
      code: "ERR_POOL_CLOSED",
    });
    await pool[Symbol.asyncDispose]();
  });

  // 232 TestPoolNotLeakOnFailure.test_release_unused_processes
  test("when one of the first cannot be started, the constructor throws and the others end", async () => {
    const context = getContext(name === "Pool" ? "forkserver" : "thread");
    const started: Process[] = [];
    // A class of its own could not travel from a test; a constructor may return something else.
    function Failing(options: object): Process {
      if (started.length === 3) throw Object.assign(new Error("the fourth"), { code: "EAGAIN" });
      started.push(new context.Process(options));
      return started.at(-1)!;
    }
    const failing = { ...context, Process: Failing } as unknown as typeof context;
    expect(thrownBy(() => new Pool({ processes: 5, context: failing }))).toMatchObject({ code: "EAGAIN" });
    expect(started).toHaveLength(3);
    await until(() => !activeChildren().some((child) => started.includes(child)));
  });
});

describe("a pool", () => {
  test("takes its start method from a context", async () => {
    const pool = new Pool({ processes: 1, context: getContext("spawn") });
    expect(await pool.apply(pid)).toBe(pidsOf(pool)[0]);
    expect(pidsOf(pool)[0]).not.toBe(process.pid);
    await pool.terminate();
  });

  test("of threads runs in this process", async () => {
    const pool = new ThreadPool({ processes: 1 });
    expect(pool).toBeInstanceOf(Pool);
    expect(await pool.apply(pid)).toBe(process.pid);
    await pool.terminate();
  });
});
