/** Who gets which task, how many workers there are, and how many tasks may wait. */
import { Barrier } from "@cordage/ipc";
import type { Pool } from "@cordage/pool";
import { until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { blocks, later, meets, pid, square } from "./fixtures/tasks.mjs";
import { failureOf, gate, kinds, occupy, thrownBy } from "./support/pools.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const squares = (count: number) => numbers(count).map((n) => n * n);
const workersOf = (pool: Pool) => pool.stats().workers.length;

describe.each(kinds)("$name: tasks", ({ make }) => {
  test("do not strand behind a long one while another worker has nothing to do", async () => {
    const pool = make({ processes: 2 });
    // Known to be short: many are put into a worker's queue ahead.
    await pool.map(square, numbers(2000), { chunksize: 1 });
    for (let round = 0; round < 5; round++) {
      const at = gate();
      const before = numbers(20).map((n) => pool.applyAsync(square, [n]));
      const long = pool.applyAsync(blocks, [at, "long"]);
      const after = numbers(50).map((n) => pool.applyAsync(square, [n]));
      expect(await Promise.all([...before, ...after])).toEqual([...squares(20), ...squares(50)]);
      expect(long.ready()).toBe(false);
      at.opened.set();
      expect(await long).toBe("long");
    }
  });

  test("that long ones were put among are done as soon as one worker is free", async () => {
    const pool = make({ processes: 3 });
    await pool.map(square, numbers(2000), { chunksize: 1 });
    const at = gate();
    const long = [pool.applyAsync(blocks, [at, 1])];
    const short = numbers(300).map((n) => {
      if (n === 100) long.push(pool.applyAsync(blocks, [at, 2]));
      return pool.applyAsync(square, [n]);
    });
    expect(await Promise.all(short)).toEqual(squares(300));
    expect(await pool.map(square, numbers(100), { chunksize: 1 })).toEqual(squares(100));
    at.opened.set();
    expect(await Promise.all(long)).toEqual([1, 2]);
  });

  test("run on all workers at once", async () => {
    const pool = make({ processes: 3 });
    const barrier = new Barrier(3);
    expect(await Promise.all(numbers(3).map((n) => pool.apply(meets, [barrier, n])))).toEqual([0, 1, 2]);
    expect(
      await pool.starmap(
        meets,
        numbers(3).map((n) => [barrier, n] as const),
        { chunksize: 1 },
      ),
    ).toEqual([0, 1, 2]);
  });

  test("begin in the order in which they came", async () => {
    const pool = make({ processes: 1 });
    const order: number[] = [];
    const results = numbers(100).map((n) => pool.applyAsync(square, [n], { callback: () => order.push(n) }));
    await Promise.all(results);
    expect(order).toEqual(numbers(100));
  });

  test("may be submitted from callbacks", async () => {
    const pool = make();
    const total = await new Promise<number>((resolve) => {
      const next = (n: number): void => {
        if (n >= 1_000_000) resolve(n);
        else pool.applyAsync(square, [n], { callback: next });
      };
      next(2);
    });
    expect(total).toBe(2 ** 32);
  });
});

describe.each(kinds)("$name: the number of workers", ({ make }) => {
  test("grows from minProcesses when all are busy, and shrinks again", async () => {
    const pool = make({ processes: 3, minProcesses: 1, idle: 20 });
    expect(workersOf(pool)).toBe(1);
    const barrier = new Barrier(3);
    expect(await Promise.all(numbers(3).map((n) => pool.apply(meets, [barrier, n])))).toEqual([0, 1, 2]);
    expect(workersOf(pool)).toBe(3);
    await until(() => workersOf(pool) === 1);
    expect(await pool.map(square, numbers(20))).toEqual(squares(20));
    await until(() => workersOf(pool) === 1);
    expect(pool.stats()).toMatchObject({ state: "running", restarts: 0, failed: 0 });
  });

  test("may be zero while there is nothing to do", async () => {
    const pool = make({ processes: 2, minProcesses: 0, idle: 10 });
    expect(workersOf(pool)).toBe(0);
    expect(await pool.apply(square, [3])).toBe(9);
    await until(() => workersOf(pool) === 0);
    expect(await pool.apply(square, [4])).toBe(16);
    pool.close();
    await pool.join();
  });

  test("grows for a map and an imap too", async () => {
    for (const minProcesses of [0, 1]) {
      const pool = make({ processes: 3, minProcesses });
      const barrier = new Barrier(3);
      const items = numbers(3).map((n) => [barrier, n] as const);
      expect(await pool.starmap(meets, items, { chunksize: 1 })).toEqual([0, 1, 2]);
      const other = make({ processes: 2, minProcesses });
      const seen: number[] = [];
      for await (const value of other.imap(square, numbers(10))) seen.push(value);
      expect(seen).toEqual(squares(10));
    }
  });

  test("does not grow beyond processes", async () => {
    const pool = make({ processes: 2, minProcesses: 0 });
    const pids = await pool.map(pid, numbers(50), { chunksize: 1 });
    expect(pids).toHaveLength(50);
    expect(workersOf(pool)).toBeLessThanOrEqual(2);
  });

  test("of a pool without workers that is closed is zero: it ends", async () => {
    const pool = make({ processes: 2, minProcesses: 0 });
    const results = numbers(5).map((n) => pool.applyAsync(square, [n]));
    pool.close();
    await pool.join();
    expect(await Promise.all(results)).toEqual(squares(5));
    const unused = make({ processes: 2, minProcesses: 0 });
    unused.close();
    await unused.join();
    const ended = make({ processes: 2, minProcesses: 0 });
    await ended.terminate();
  });
});

describe.each(kinds)("$name: maxQueue", ({ make }) => {
  /** Submits until the pool refuses; how many it took. */
  function fill(pool: Pool, results: PromiseLike<unknown>[]): any {
    return thrownBy(() => {
      for (let n = 0; n < 10_000; n++) results.push(pool.applyAsync(square, [n]));
    });
  }

  test("applyAsync throws when so many wait, and takes more when there is room", async () => {
    const pool = make({ processes: 1, maxQueue: 3 });
    const { opened, results } = await occupy(pool, 1);
    const taken: PromiseLike<unknown>[] = [];
    const error = fill(pool, taken);
    expect(error).toMatchObject({
      name: "PoolError",
      code: "ERR_POOL_QUEUE_FULL",
      message: "cannot apply asynchronously: as many calls wait as maxQueue allows",
    });
    expect(taken.length).toBeGreaterThanOrEqual(3);
    expect(pool.stats().queued).toBe(3);
    opened.set();
    expect(await Promise.all(taken)).toEqual(squares(taken.length));
    expect(await results[0]).toBe(0);
    expect(await pool.applyAsync(square, [9])).toBe(81);
    expect(pool.stats()).toMatchObject({ failed: 0, queued: 0 });
  });

  test("apply waits for room, and then runs: nothing is lost", async () => {
    const pool = make({ processes: 1, maxQueue: 1 });
    const { opened } = await occupy(pool, 1);
    const taken: PromiseLike<unknown>[] = [];
    fill(pool, taken);
    const waiting = numbers(50).map((n) => pool.apply(square, [n]));
    expect(pool.stats().queued).toBe(1);
    opened.set();
    expect(await Promise.all(waiting)).toEqual(squares(50));
    expect(await Promise.all(taken)).toEqual(squares(taken.length));
  });

  test("those who wait for room are told when the pool is closed or ends", async () => {
    for (const how of ["close", "terminate"] as const) {
      const pool = make({ processes: 1, maxQueue: 1 });
      const { opened, results } = await occupy(pool, 1);
      const taken: Promise<unknown>[] = [];
      fill(pool, taken);
      const settled = Promise.allSettled([...taken, ...results]);
      const waiting = [pool.apply(square, [1]), pool.apply(square, [2])].map(failureOf);
      const ending = pool[how]();
      for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: "ERR_POOL_CLOSED" });
      opened.set();
      await Promise.all([settled, ending, pool.join()]);
    }
  });

  test("a signal ends the wait for room", async () => {
    const pool = make({ processes: 1, maxQueue: 1 });
    const { opened } = await occupy(pool, 1);
    const taken: Promise<unknown>[] = [];
    fill(pool, taken);
    const controller = new AbortController();
    const waiting = failureOf(pool.apply(square, [1], { signal: controller.signal }));
    controller.abort("given up");
    expect(await waiting).toBe("given up");
    opened.set();
    expect(await Promise.all(taken)).toEqual(squares(taken.length));
    expect(await pool.apply(later, [7])).toBe(7);
  });
});
