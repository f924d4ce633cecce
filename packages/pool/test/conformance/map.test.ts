/** map and starmap, and their asynchronous forms. */
import { AsyncResult } from "@cordage/pool";
import { describe, expect, test } from "@jest/globals";
import { add, fails, later, oddFails, square } from "../fixtures/tasks.mjs";
import { failureOf, kinds, thrownBy } from "../support/pools.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const squares = (count: number) => numbers(count).map((n) => n * n);
const pairs = (count: number) => numbers(count).map((n) => [n, n + 1] as const);
const sums = (count: number) => numbers(count).map((n) => 2 * n + 1);

describe.each(kinds)("$name: map", ({ make }) => {
  test("resolves with the results in the order of the items, whatever the chunksize", async () => {
    const pool = make();
    expect(await pool.map(square, numbers(10))).toEqual(squares(10));
    for (const chunksize of [1, 3, 20, 100, 1000])
      expect(await pool.map(square, numbers(100), { chunksize })).toEqual(squares(100));
  });

  test("takes items from arrays, sets, generators and asynchronous generators", async () => {
    const pool = make();
    expect(await pool.map(square, new Set([1, 2, 3]))).toEqual([1, 4, 9]);
    expect(await pool.map(square, numbers(20).values())).toEqual(squares(20));
    async function* slowly() {
      for (const n of numbers(20)) {
        await null;
        yield n;
      }
    }
    expect(await pool.map(square, slowly())).toEqual(squares(20));
    expect(await pool.starmap(add, new Map([[1, 2]]))).toEqual([3]);
  });

  test("an array that changes after the call does not change the map", async () => {
    const items = numbers(100);
    const result = make().mapAsync(square, items, { chunksize: 1 });
    items.fill(1000).length = 3;
    expect(await result).toEqual(squares(100));
  });

  test("awaits each of the promises that an asynchronous function returns", async () => {
    const pool = make();
    expect(await pool.map(later, numbers(10))).toEqual(numbers(10));
    expect(await pool.map(later, numbers(10), { chunksize: 4 })).toEqual(numbers(10));
  });

  // 94 _TestPool.test_starmap
  test("starmap spreads each item as arguments", async () => {
    const pool = make();
    expect(await pool.starmap(add, pairs(10))).toEqual(sums(10));
    expect(await pool.starmap(add, pairs(100), { chunksize: 20 })).toEqual(sums(100));
  });

  test("the items of starmap may be any iterables of arguments", async () => {
    const items = [[1, 2].values(), new Set([3, 4]), [5, 6]] as unknown as [number, number][];
    expect(await make().starmap(add, items)).toEqual([3, 7, 11]);
  });

  // 95 _TestPool.test_starmap_async
  test("starmapAsync returns at once, its result is the list", async () => {
    const result = make().starmapAsync(add, pairs(100));
    expect(result).toBeInstanceOf(AsyncResult);
    expect(await result.get()).toEqual(sums(100));
  });

  // 96 _TestPool.test_map_async
  test("mapAsync returns at once, its result is the list", async () => {
    const result = make().mapAsync(square, numbers(10));
    expect(result.ready()).toBe(false);
    expect(thrownBy(() => result.successful())).toMatchObject({ name: "PoolError", code: "ERR_RESULT_NOT_READY" });
    expect(await result.get()).toEqual(squares(10));
    expect([result.ready(), result.successful()]).toEqual([true, true]);
  });

  // 97 _TestPool.test_map_async_callbacks
  test("exactly one of the callbacks is called, with the whole list or the error, before wait() resolves", async () => {
    const pool = make();
    const called: unknown[] = [];
    const callbacks = {
      callback: (list: unknown) => void called.push(list),
      errorCallback: (error: Error) => void called.push(error.name),
    };
    expect(await pool.mapAsync(square, [1], callbacks).wait()).toBe(true);
    expect(called).toEqual([[1]]);
    const failed = pool.mapAsync(oddFails, [0, 1, 2, 3], { ...callbacks, chunksize: 1 });
    expect(await failed.wait()).toBe(true);
    expect(called).toEqual([[1], "RangeError"]);
    expect(failed.successful()).toBe(false);
  });

  // 99 _TestPool.test_map_chunksize
  test("mapAsync of nothing with a chunksize is done, and calls back", async () => {
    const pool = make();
    const called: unknown[] = [];
    const result = pool.mapAsync(square, [], { chunksize: 1, callback: (list) => void called.push(list) });
    expect(await result.get({ timeout: 60_000 })).toEqual([]);
    expect(called).toEqual([[]]);
  });

  // 109 _TestPool.test_empty_iterable
  test("no items give no results", async () => {
    const pool = make();
    expect(await pool.map(square, [])).toEqual([]);
    expect(await pool.starmap(add, [])).toEqual([]);
    expect(await pool.mapAsync(square, []).get()).toEqual([]);
    expect(await pool.starmapAsync(add, []).get()).toEqual([]);
    for await (const _ of pool.imap(square, [])) throw new Error("there is nothing");
    for await (const _ of pool.imapUnordered(square, [])) throw new Error("there is nothing");
    for await (const _ of pool.imap(square, numbers(0).values(), { chunksize: 3, buffersize: 2 }))
      throw new Error("there is nothing");
  });

  // 100 _TestPool.test_map_handle_iterable_exception
  test.each([
    ["at its first item", 0],
    ["later", 3],
  ])("throws what the iteration of its input throws %s, and the pool goes on", async (_, at) => {
    const pool = make();
    const thrown = new Error("of the input");
    function* input() {
      for (const n of numbers(at)) yield n;
      throw thrown;
    }
    async function* asynchronous() {
      yield* input();
    }
    expect(await failureOf(pool.map(square, input()))).toBe(thrown);
    expect(await failureOf(pool.map(square, input(), { chunksize: 1 }))).toBe(thrown);
    expect(await failureOf(pool.map(square, asynchronous()))).toBe(thrown);
    expect(thrownBy(() => pool.mapAsync(square, input()))).toBe(thrown);
    const sized = { length: 5, size: 5, [Symbol.iterator]: input };
    expect(await failureOf(pool.map(square, sized))).toBe(thrown);
    expect(thrown.cause).toBeUndefined();
    expect(await pool.map(square, [7])).toEqual([49]);
  });

  test("does not fail fast: rejects with the error of one chunk when all are done", async () => {
    const pool = make();
    const error = await failureOf(pool.map(oddFails, numbers(10), { chunksize: 1 }));
    expect(error).toMatchObject({ name: "RangeError", message: expect.stringMatching(/^\d is odd$/) });
    expect(pool.stats()).toMatchObject({ completed: 5, failed: 5, queued: 0 });
  });

  test("a call that throws ends its chunk", async () => {
    const pool = make();
    expect(await failureOf(pool.map(fails, ["one", "two"], { chunksize: 2 }))).toMatchObject({ message: "one" });
    expect(pool.stats()).toMatchObject({ completed: 0, failed: 1 });
  });
});
