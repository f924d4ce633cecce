/** applyAsync and its result. */
import { TimeoutError } from "@cordage/ipc";
import { AsyncResult } from "@cordage/pool";
import { describe, expect, test } from "@jest/globals";
import { blocks, fails, later, square, throwsValue } from "../fixtures/tasks.mjs";
import { failureOf, gate, kinds, occupy, thrownBy } from "../support/pools.js";

describe.each(kinds)("$name: applyAsync", ({ make }) => {
  // 101 _TestPool.test_async
  test("returns a result that can be awaited, and asked", async () => {
    const pool = make();
    const result = pool.applyAsync(later, [49, 10]);
    expect(result).toBeInstanceOf(AsyncResult);
    expect(result.ready()).toBe(false);
    expect(await result.get()).toBe(49);
    expect([await result, result.ready(), result.successful()]).toEqual([49, true, true]);
    expect(result.getSync()).toBe(49);
  });

  // 102 _TestPool.test_async_timeout
  test("get() with a timeout throws when that passes first, and the task goes on", async () => {
    const pool = make();
    const { opened, results } = await occupy(pool, 1);
    const result = results[0]!;
    const error = await failureOf(result.get({ timeout: 20 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: "ERR_TIMEOUT", message: expect.stringContaining("get the result") });
    expect(thrownBy(() => result.getSync({ timeout: 0 }))).toBeInstanceOf(TimeoutError);
    expect([await result.wait({ timeout: 1 }), result.waitSync({ timeout: 1 }), result.ready()]).toEqual(
      Array(3).fill(false),
    );
    opened.set();
    expect(await result.get({ timeout: 60_000 })).toBe(0);
  });

  // 102 _TestPool.test_async_timeout
  test("after such a timeout the pool can be terminated and joined", async () => {
    const pool = make();
    const { results } = await occupy(pool, 1);
    expect(await failureOf(results[0]!.get({ timeout: 1 }))).toBeInstanceOf(TimeoutError);
    await pool.terminate();
    await pool.join();
    expect(await failureOf(results[0]!)).toMatchObject({ code: "ERR_POOL_TERMINATED" });
  });

  test("get() and wait() throw the reason of their signal when that aborts first, and the task goes on", async () => {
    const pool = make();
    const { opened, results } = await occupy(pool, 1);
    const result = results[0]!;
    const controller = new AbortController();
    const both = [result.get({ signal: controller.signal }), result.wait({ signal: controller.signal })];
    const failures = both.map(failureOf);
    const reason = new Error("not now");
    controller.abort(reason);
    expect(await Promise.all(failures)).toEqual([reason, reason]);
    expect(await failureOf(result.get({ signal: controller.signal }))).toBe(reason);
    opened.set();
    expect(await result).toBe(0);
  });

  test("one of the callbacks is called once, before any form of waiting returns", async () => {
    const pool = make();
    const called: unknown[] = [];
    const callbacks = {
      callback: (value: unknown) => void called.push(value),
      errorCallback: (error: Error) => void called.push(error.message),
    };
    await pool.applyAsync(square, [2], callbacks).wait();
    expect(called.splice(0)).toEqual([4]);
    pool.applyAsync(square, [3], callbacks).waitSync();
    expect(called.splice(0)).toEqual([9]);
    await pool.applyAsync(fails, ["four"], callbacks).wait();
    expect(called.splice(0)).toEqual(["four"]);
    expect(thrownBy(() => pool.applyAsync(fails, ["five"], callbacks).getSync())).toBeInstanceOf(RangeError);
    expect(called.splice(0)).toEqual(["five"]);
    await pool.applyAsync(square, [6], callbacks).then(() => called.push("then"));
    expect(called.splice(0)).toEqual([36, "then"]);
  });

  // 117 _TestPoolWorkerErrors.test_async_error_callback
  test("the error callback gets the error, and get() throws the same", async () => {
    const seen: unknown[] = [];
    const result = make().applyAsync(fails, ["key"], { errorCallback: (error) => void seen.push(error) });
    const error = await failureOf(result.get());
    expect(error).toMatchObject({ name: "RangeError", message: "key", code: "ERR_OF_TASK" });
    expect(seen).toEqual([error]);
    expect(seen[0]).toBe(error);
    expect(await failureOf(result.get())).toBe(error);
    expect(result.successful()).toBe(false);
  });

  test("then, catch and finally are those of a promise", async () => {
    const pool = make();
    expect(await pool.applyAsync(square, [3]).then((n) => n + 1)).toBe(10);
    const caught = pool.applyAsync(throwsValue, [7]).catch((value) => value);
    expect(await caught).toBe(7);
    let ran = 0;
    expect(await pool.applyAsync(square, [4]).finally(() => ran++)).toBe(16);
    expect(await failureOf(pool.applyAsync(throwsValue, [8]).finally(() => ran++))).toBe(8);
    expect(ran).toBe(2);
    expect(await Promise.all([pool.applyAsync(square, [5]), pool.applyAsync(square, [6])])).toEqual([25, 36]);
  });

  test("a result shows its state", async () => {
    const pool = make();
    const at = gate();
    const result = pool.applyAsync(blocks, [at, 1]);
    const { inspect } = await import("node:util");
    expect(inspect(result)).toBe("<AsyncResult(pending)>");
    at.opened.set();
    await result;
    expect(inspect(result)).toBe("<AsyncResult(succeeded)>");
    expect(inspect(pool)).toMatch(/^<(Thread)?Pool\(running, 2 workers\)>$/);
  });
});
