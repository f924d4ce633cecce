/** getSync and waitSync block the thread; the pool goes on meanwhile. */
import { SharedValue, TimeoutError } from "@cordage/ipc";
import { WorkerDiedError } from "@cordage/pool";
import { describe, expect, test } from "@jest/globals";
import { diesUntil, endsProcess, fails, later, spins, square } from "./fixtures/tasks.mjs";
import { failureOf, gate, kinds, occupy, thrownBy } from "./support/pools.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const squares = (count: number) => numbers(count).map((n) => n * n);

describe.each(kinds)("$name: getSync()", ({ make }) => {
  test("returns the result, before the pool's workers have begun and later", () => {
    const pool = make();
    for (let i = 0; i < 3; i++) expect(pool.applyAsync(square, [i]).getSync()).toBe(i * i);
    expect(pool.applyAsync(later, [7, 20]).getSync()).toBe(7);
    expect(pool.mapAsync(square, numbers(5000), { chunksize: 1 }).getSync()).toEqual(squares(5000));
  });

  test("throws what the task threw", () => {
    const error = thrownBy(() => make().applyAsync(fails, ["wrong"]).getSync());
    expect(error).toMatchObject({ name: "RangeError", message: "wrong", cause: { name: "RemoteError" } });
  });

  test("throws when its timeout passes first, and then the result still comes", async () => {
    const pool = make({ processes: 1 });
    const { opened, results } = await occupy(pool, 1);
    const result = results[0]!;
    expect(thrownBy(() => result.getSync({ timeout: 20 }))).toBeInstanceOf(TimeoutError);
    expect([result.waitSync({ timeout: 0 }), result.waitSync({ timeout: -5 })]).toEqual([false, false]);
    opened.set();
    expect(result.waitSync()).toBe(true);
    expect(result.getSync()).toBe(0);
  });

  test("is told of a worker that dies meanwhile, and others go on", () => {
    const pool = make();
    const lost = pool.applyAsync(endsProcess, [4]);
    const others = numbers(20).map((n) => pool.applyAsync(square, [n]));
    const error = thrownBy(() => lost.getSync());
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error.exitcode).toBe(4);
    expect(others.map((other) => other.getSync())).toEqual(squares(20));
  });

  test("has tasks tried again meanwhile", () => {
    const pool = make();
    const attempts = new SharedValue("int32", 0);
    expect(pool.applyAsync(diesUntil, [attempts, 4, "done"], { retries: 3 }).getSync()).toBe("done");
  });

  test("calls callbacks meanwhile, also those of other tasks, and may be called in one", () => {
    const pool = make();
    const order: unknown[] = [];
    const callback = (value: unknown) => {
      order.push(value, pool.applyAsync(square, [4]).getSync(), pool.applyAsync(later, [5, 1]).getSync());
    };
    const first = pool.applyAsync(square, [2], { callback });
    const second = pool.applyAsync(square, [3], { callback: (value) => void order.push(value) });
    expect([second.getSync(), first.getSync()]).toEqual([9, 4]);
    expect(order.filter((value) => value === 9)).toEqual([9]);
    expect(order.filter((value) => value !== 9)).toEqual([4, 16, 5]);
  });

  test("in a callback that the event loop calls does not hold up anybody", async () => {
    const pool = make();
    const inner: unknown[] = [];
    const callback = (n: number) => void inner.push(pool.applyAsync(square, [n]).getSync());
    const results = numbers(20).map((n) => pool.applyAsync(square, [n], { callback }));
    expect(await Promise.all(results)).toEqual(squares(20));
    expect((inner as number[]).sort((a, b) => a - b)).toEqual(numbers(20).map((n) => n ** 4));
  });

  test("of a pool that is terminated throws at once", async () => {
    const pool = make({ processes: 1 });
    const { results } = await occupy(pool, 1);
    const spinning = pool.applyAsync(spins, []);
    const ended = pool.terminate();
    for (const result of [results[0]!, spinning])
      expect(thrownBy(() => result.getSync())).toMatchObject({ code: "ERR_POOL_TERMINATED" });
    await ended;
  });

  test("of a pool whose initializer fails throws that", () => {
    const pool = make({ initializer: fails, initargs: ["not today"] });
    const error = thrownBy(() => pool.applyAsync(square, [1]).getSync());
    expect(error).toMatchObject({ code: "ERR_POOL_INITIALIZER", cause: { message: "not today" } });
  });

  test("of a map whose tasks were put behind a blocked one waits for all of it", async () => {
    const pool = make({ processes: 2 });
    const at = gate();
    const { results } = await occupy(pool, 1, at);
    expect(pool.mapAsync(square, numbers(300), { chunksize: 1 }).getSync()).toEqual(squares(300));
    at.opened.set();
    expect(results[0]!.getSync()).toBe(0);
    expect(await failureOf(pool.join())).toMatchObject({ code: "ERR_POOL_RUNNING" });
  });
});
