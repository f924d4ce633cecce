/** Tasks that are no longer wanted: their time is over, their caller's signal aborts, or the pool ends. */
import { Queue, Semaphore, SharedValue, TimeoutError } from "@cordage/ipc";
import { gone, until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import {
  adds,
  blocks,
  ignoresSignal,
  ignoresTerm,
  isUnwanted,
  later,
  pid,
  spins,
  spinsOn,
  square,
  untilAborted,
  waitsAt,
} from "./fixtures/tasks.mjs";
import { failureOf, gate, kinds, occupy, pidsOf, thrownBy } from "./support/pools.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const squares = (count: number) => numbers(count).map((n) => n * n);
const reason = new Error("no longer wanted");

describe.each(kinds)("$name: a timeout", ({ make }) => {
  test("ends a task that waits, which learns why; its worker goes on", async () => {
    const pool = make({ processes: 1, grace: 60_000 });
    const [entered, reasons] = [new Semaphore(0), new Queue<unknown>()];
    const name = pool.stats().workers[0]!.name;
    await pool.apply(isUnwanted); // so that the time is not over before the module is imported
    const error = await failureOf(pool.apply(untilAborted, [entered, reasons], { timeout: 500 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      code: "ERR_TASK_TIMEOUT",
      message: "cannot finish the task: it ran for longer than its timeout of 500 ms",
    });
    expect(await reasons.get()).toEqual(["TimeoutError", "ERR_TIMEOUT", expect.stringContaining("timeout")]);
    expect(await pool.apply(square, [3])).toBe(9);
    expect(pool.stats()).toMatchObject({ failed: 1, completed: 2, restarts: 0 });
    expect(pool.stats().workers[0]!.name).toBe(name);
    expect(await pool.apply(isUnwanted)).toBe(false);
  });

  test.each([
    ["spins", spins],
    ["takes no notice", ignoresSignal],
  ])("ends a task that %s with its worker; those behind it are done", async (_, task) => {
    const pool = make({ processes: 1, grace: 20 });
    const entered = new Semaphore(0);
    await pool.apply(isUnwanted); // so that the time is not over before the module is imported, and the task never begins
    const late = pool.applyAsync(task, [entered], { timeout: 500 });
    const others = numbers(20).map((n) => pool.applyAsync(square, [n]));
    expect(await failureOf(late)).toMatchObject({ code: "ERR_TASK_TIMEOUT" });
    expect(await Promise.all(others)).toEqual(squares(20));
    expect(pool.stats()).toMatchObject({ completed: 21, failed: 1, restarts: 1 });
  });

  test("counts from the task's start: one that waits for its turn is not late", async () => {
    const pool = make({ processes: 1 });
    const { opened, results } = await occupy(pool, 1);
    const task = pool.applyAsync(square, [3], { timeout: 1_000 });
    const other = pool.applyAsync(later, [5, 0], { timeout: 60_000 });
    expect(await results[0]!.wait({ timeout: 1_500 })).toBe(false);
    expect(task.ready()).toBe(false);
    opened.set();
    expect([await task, await other]).toEqual([9, 5]);
  });

  test("of one task does not end others that come to the same worker", async () => {
    const pool = make({ processes: 1 });
    for (let i = 0; i < 20; i++) expect(await pool.apply(square, [i], { timeout: 60_000 })).toBe(i * i);
    expect(await pool.apply(later, [7, 50])).toBe(7);
    expect(pool.stats()).toMatchObject({ failed: 0, restarts: 0 });
  });

  test("passes while the thread is blocked, too", async () => {
    const pool = make({ processes: 1, grace: 20 });
    const entered = new Semaphore(0);
    const result = pool.applyAsync(spins, [entered], { timeout: 500 });
    const behind = pool.applyAsync(square, [4]);
    expect(thrownBy(() => result.getSync())).toMatchObject({ code: "ERR_TASK_TIMEOUT" });
    expect(behind.getSync()).toBe(16);
  });
});

describe.each(kinds)("$name: a signal", ({ make }) => {
  test("that has aborted keeps the task from being submitted", async () => {
    const pool = make();
    const signal = AbortSignal.abort(reason);
    const counter = new SharedValue("int32", 0);
    expect(await failureOf(pool.apply(adds, [counter, 1], { signal }))).toBe(reason);
    expect(await failureOf(pool.applyAsync(adds, [counter, 1], { signal }))).toBe(reason);
    expect(await failureOf(pool.map(square, [1], { signal }))).toBe(reason);
    expect(await failureOf(pool.starmapAsync(adds, [[counter, 1]], { signal }))).toBe(reason);
    expect(await pool.apply(square, [3])).toBe(9);
    expect([counter.value, pool.stats().failed]).toEqual([0, 0]);
  });

  test("that aborts while the task waits, in the pool or in a worker's queue: it never runs", async () => {
    const pool = make({ processes: 1 });
    const counter = new SharedValue("int32", 0);
    const { opened, results } = await occupy(pool, 1);
    const controller = new AbortController();
    const { signal } = controller;
    const cancelled = numbers(100).map(() => pool.applyAsync(adds, [counter, 1], { signal }));
    const kept = numbers(100).map(() => pool.applyAsync(adds, [counter, 1000]));
    const failures = cancelled.map(failureOf);
    // One signal for many tasks is nothing to warn of.
    const warned: unknown[] = [];
    process.once("warning", (warning) => warned.push(warning));
    controller.abort(reason);
    expect(await Promise.all(failures)).toEqual(Array(100).fill(reason));
    opened.set();
    await Promise.all(kept);
    expect([await results[0], counter.value, warned]).toEqual([0, 100_000, []]);
    expect(pool.stats()).toMatchObject({ failed: 100, completed: 101, queued: 0, running: 0, restarts: 0 });
  });

  test("that aborts while the task waits for something: it learns so, and its worker goes on", async () => {
    const pool = make({ processes: 1, grace: 60_000 });
    const [entered, reasons] = [new Semaphore(0), new Queue<unknown>()];
    const controller = new AbortController();
    const result = failureOf(pool.apply(untilAborted, [entered, reasons], { signal: controller.signal }));
    await entered.acquire();
    controller.abort(reason);
    expect(await result).toBe(reason);
    expect(await reasons.get()).toEqual(["AbortError", 20, "the task was aborted"]);
    expect(await pool.apply(square, [3])).toBe(9);
    expect(pool.stats().restarts).toBe(0);
  });

  test.each([
    ["spins", spins],
    ["takes no notice", ignoresSignal],
  ])("that aborts while the task %s: its worker is replaced", async (_, task) => {
    const pool = make({ processes: 1, grace: 10 });
    const entered = new Semaphore(0);
    const controller = new AbortController();
    const result = failureOf(pool.apply(task, [entered], { signal: controller.signal }));
    await entered.acquire();
    controller.abort(reason);
    expect(await result).toBe(reason);
    expect(await pool.apply(square, [3])).toBe(9);
    expect(pool.stats()).toMatchObject({ failed: 1, completed: 1, restarts: 1 });
  });

  test("that aborts when the task is done changes nothing", async () => {
    const pool = make();
    const controller = new AbortController();
    const { signal } = controller;
    const results = [pool.applyAsync(square, [3], { signal }), pool.mapAsync(square, [1, 2], { signal })];
    expect(await Promise.all(results)).toEqual([9, [1, 4]]);
    controller.abort(reason);
    expect(await Promise.all(results)).toEqual([9, [1, 4]]);
    expect(await pool.apply(square, [4])).toBe(16);
    expect(pool.stats()).toMatchObject({ failed: 0, restarts: 0 });
  });

  test("aborts a whole map: what was not begun never runs", async () => {
    const pool = make({ processes: 1, grace: 10 });
    const [entered, counter] = [new Semaphore(0), new SharedValue("int32", 0)];
    const controller = new AbortController();
    const items = numbers(1000).map((n) => [counter, n, 3, entered] as const);
    const called: unknown[] = [];
    const result = pool.starmapAsync(spinsOn, items, {
      chunksize: 1,
      signal: controller.signal,
      errorCallback: (error) => void called.push(error),
    });
    const failure = failureOf(result);
    await entered.acquire();
    controller.abort(reason);
    expect([await failure, called]).toEqual([reason, [reason]]);
    expect(await pool.apply(square, [3])).toBe(9);
    expect(counter.value).toBe(3);
  });

  test("aborts what runs, though nobody has heard yet of what was done before it", async () => {
    const pool = make({ processes: 1, grace: 10 });
    await pool.map(square, numbers(100), { chunksize: 1 }); // short tasks: from now on several are given at once
    const [entered, counter] = [new Semaphore(0), new SharedValue("int32", 0)];
    const controller = new AbortController();
    const items = numbers(10).map((n) => [counter, n, 3, entered] as const);
    const failure = failureOf(pool.starmapAsync(spinsOn, items, { chunksize: 1, signal: controller.signal }));
    entered.acquireSync(); // hears nothing
    controller.abort(reason);
    expect(await failure).toBe(reason);
    expect(await pool.apply(square, [3])).toBe(9);
    expect(counter.value).toBe(3);
  });
});

describe.each(kinds)("$name: terminate()", ({ name, make }) => {
  test("fails the tasks that wait, block, spin and await, and leaves no worker", async () => {
    const pool = make({ processes: 3 });
    const at = gate();
    const results = [
      pool.applyAsync(blocks, [at, 1]),
      pool.applyAsync(waitsAt, [at, 2]),
      pool.applyAsync(spins, [at.entered]),
      ...numbers(50).map((n) => pool.applyAsync(square, [n])),
      pool.mapAsync(square, numbers(1000), { chunksize: 1 }),
      pool.starmapAsync(square, [[1]]),
    ];
    for (let i = 0; i < 3; i++) await at.entered.acquire();
    const items = pool.imap(square, numbers(10));
    const [next, end] = [items.next(), items.next()];
    const pids = pidsOf(pool);
    const called: unknown[] = [];
    pool.applyAsync(square, [1], {
      callback: () => called.push("done"),
      errorCallback: ({ code }) => called.push(code),
    });
    const failures = [...results, next].map(failureOf);
    const ended = pool.terminate();
    for (const error of await Promise.all(failures))
      expect(error).toMatchObject({
        name: "PoolError",
        code: "ERR_POOL_TERMINATED",
        message: "cannot finish the task: the pool was terminated",
      });
    expect([called, await end]).toEqual([["ERR_POOL_TERMINATED"], { done: true, value: undefined }]);
    await ended;
    if (name === "Pool") expect(pids.map(gone)).toEqual([true, true, true]);
    expect(pool.stats()).toMatchObject({ state: "terminated", workers: [], queued: 0, running: 0, restarts: 0 });
    await pool.join();
  });

  test("while the workers start leaves none", async () => {
    const pool = make({ processes: 3 });
    const pids = pidsOf(pool);
    await pool.terminate();
    if (name === "Pool") expect(pids.map(gone)).toEqual([true, true, true]);
    expect(pool.stats().workers).toEqual([]);
  });

  test("after close(), and in a callback, ends the pool as well", async () => {
    const pool = make({ processes: 1 });
    const { results } = await occupy(pool, 1);
    pool.close();
    const joined = pool.join();
    await pool.terminate();
    await joined;
    expect(await failureOf(results[0]!)).toMatchObject({ code: "ERR_POOL_TERMINATED" });
    const other = make({ processes: 1 });
    const first = other.applyAsync(square, [2], { callback: () => void other.terminate() });
    const second = numbers(20).map((n) => other.applyAsync(later, [n, 1]));
    expect(await first).toBe(4);
    for (const result of second) await result.catch(({ code }) => expect(code).toBe("ERR_POOL_TERMINATED"));
    await other.join();
  });

  test("ends a worker that ignores SIGTERM", async () => {
    const pool = make({ processes: 1 });
    const own = await pool.apply(ignoresTerm);
    await pool.terminate();
    expect(pool.stats().workers).toEqual([]);
    if (name === "Pool") expect(gone(own)).toBe(true);
  });
});

test("pools that were ended leave no process", async () => {
  const { make } = kinds[0]!;
  const pools = [make(), make({ processes: 1 })];
  await Promise.all(pools.map((pool) => pool.apply(pid, [0])));
  const pids = pools.flatMap(pidsOf);
  pools[0]!.close();
  await Promise.all([pools[0]!.join(), pools[1]!.terminate()]);
  await until(() => pids.every(gone));
});
