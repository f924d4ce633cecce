/** How far an imap reads its input, and how it ends. */
import { TimeoutError } from "@cordage/ipc";
import { until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { blocks, fails, later, square } from "./fixtures/tasks.mjs";
import { failureOf, gate, kinds } from "./support/pools.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const squares = (count: number) => numbers(count).map((n) => n * n);

/** Numbers without end, and how many of them were read. */
function counted(async: boolean) {
  const state = { read: 0, returned: 0 };
  function* numbers() {
    try {
      for (;;) yield state.read++;
    } finally {
      state.returned++;
    }
  }
  async function* later() {
    yield* numbers();
  }
  return { state, input: async ? later() : numbers() };
}

async function taken<T>(results: AsyncIterator<T>, count: number): Promise<T[]> {
  const list: T[] = [];
  while (list.length < count) list.push((await results.next()).value as T);
  return list;
}

describe.each(kinds)("$name: imap", ({ make }) => {
  describe.each([
    ["iterable", false],
    ["asynchronous iterable", true],
  ])("of an %s", (_, async) => {
    test.each(["imap", "imapUnordered"] as const)("%s with a buffersize reads no further ahead", async (method) => {
      for (const [buffersize, chunksize] of [
        [1, 1],
        [5, 1],
        [10, 3],
        [2, 8],
      ]) {
        const pool = make();
        const { state, input } = counted(async);
        const results = pool[method](square, input, { buffersize, chunksize });
        for (let handed = 0; handed < 40; handed++) {
          expect(state.read).toBeLessThanOrEqual(handed + buffersize!);
          expect((await results.next()).done).toBe(false);
        }
        await until(() => state.read === 40 + buffersize!);
        await results.return();
        expect(state).toEqual({ read: 40 + buffersize!, returned: 1 });
        await pool.terminate();
      }
    });

    test("leaving the loop tells the input, and leaves the pool usable", async () => {
      const pool = make();
      const { state, input } = counted(async);
      const seen: number[] = [];
      for await (const value of pool.imap(square, input, { buffersize: 8 })) {
        seen.push(value);
        if (value === 100) break;
      }
      expect([seen, state.returned]).toEqual([squares(11), 1]);
      expect(await pool.map(square, numbers(20))).toEqual(squares(20));
      pool.close();
      await pool.join();
      expect(pool.stats()).toMatchObject({ queued: 0, running: 0 });
    });

    test("an error in the loop's body tells the input as well", async () => {
      const pool = make();
      const { state, input } = counted(async);
      const loop = async () => {
        for await (const value of pool.imapUnordered(square, input, { buffersize: 3 })) if (value > 10) fails("body");
      };
      expect(await failureOf(loop())).toMatchObject({ message: "body" });
      expect([state.returned, await pool.apply(square, [3])]).toEqual([1, 9]);
    });
  });

  test("without a buffersize reads on as workers take tasks, whoever asks", async () => {
    const pool = make();
    const results = pool.imap(square, numbers(500));
    await until(() => pool.stats().completed === 500);
    expect(await taken(results, 500)).toEqual(squares(500));
  });

  test("next() with a timeout loses nothing", async () => {
    const pool = make({ processes: 1 });
    const at = gate();
    const results = pool.imap(square, numbers(3));
    const blocked = pool.imap(blocksAll(at), [at]);
    await at.entered.acquire();
    for (let i = 0; i < 3; i++) expect(await failureOf(blocked.next({ timeout: i }))).toBeInstanceOf(TimeoutError);
    const controller = new AbortController();
    const aborted = failureOf(blocked.next({ signal: controller.signal }));
    const reason = new Error("not now");
    controller.abort(reason);
    expect(await aborted).toBe(reason);
    expect(await failureOf(blocked.next({ signal: controller.signal }))).toBe(reason);
    at.opened.set();
    expect(await blocked.next({ timeout: 60_000 })).toEqual({ done: false, value: undefined });
    expect(await blocked.next()).toEqual({ done: true, value: undefined });
    expect(await taken(results, 3)).toEqual(squares(3));
  });

  test("return() ends it at once for those who wait, and for those who come later", async () => {
    const pool = make({ processes: 1 });
    const at = gate();
    const results = pool.imap(blocksAll(at), [at, at]);
    const waiting = [results.next(), results.next()];
    await at.entered.acquire();
    expect(await results.return()).toEqual({ done: true, value: undefined });
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(await results.next()).toEqual({ done: true, value: undefined });
    at.opened.set();
    await results[Symbol.asyncDispose]();
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test("terminate() tells the input that nobody reads on", async () => {
    const pool = make();
    let closed = false;
    function* input() {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        closed = true;
      }
    }
    const results = pool.imap(square, input(), { buffersize: 2 });
    expect(await results.next()).toEqual({ done: false, value: 0 });
    await pool.terminate();
    expect(closed).toBe(true);
  });

  test("return() in the middle of a chunk ends it as well", async () => {
    const results = make().imap(square, numbers(16), { chunksize: 8 });
    expect(await taken(results, 3)).toEqual([0, 1, 4]);
    await results.return();
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test("that is half read is finished after close()", async () => {
    const pool = make();
    const results = pool.imap(later, numbers(20), { buffersize: 4 });
    expect(await taken(results, 5)).toEqual(numbers(5));
    pool.close();
    const joined = pool.join();
    expect(await taken(results, 15)).toEqual(numbers(20).slice(5));
    expect((await results.next()).done).toBe(true);
    await joined;
  });

  test("that is half read and left lets a closed pool end", async () => {
    const pool = make();
    const { state, input } = counted(false);
    const results = pool.imap(square, input, { buffersize: 4 });
    expect(await taken(results, 2)).toEqual([0, 1]);
    pool.close();
    await results.return();
    await pool.join();
    expect([state.returned, pool.stats().state]).toEqual([1, "closed"]);
  });

  test("several at once share the workers", async () => {
    const pool = make();
    const all = await Promise.all(
      numbers(5).map((i) => taken(pool.imap(square, numbers(30), { buffersize: i + 1 }), 30)),
    );
    expect(all).toEqual(Array(5).fill(squares(30)));
  });

  test("an input may use the pool itself", async () => {
    const pool = make();
    async function* input() {
      for (const n of numbers(10)) yield await pool.apply(square, [n]);
    }
    expect(await taken(pool.imap(square, input()), 10)).toEqual(numbers(10).map((n) => n ** 4));
    function* blocking() {
      for (const n of numbers(10)) yield pool.applyAsync(square, [n]).getSync({ timeout: 30_000 });
    }
    expect(await taken(pool.imap(square, blocking()), 10)).toEqual(numbers(10).map((n) => n ** 4));
  });

  test("an input that never answers does not hold up other tasks", async () => {
    const pool = make();
    const results = pool.imap(square, { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) });
    const next = results.next();
    expect(await pool.map(square, numbers(20), { chunksize: 1 })).toEqual(squares(20));
    await results.return();
    expect((await next).done).toBe(true);
  });

  test("an imap of numbers in large chunks keeps them as they are", async () => {
    const pool = make();
    const special = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-310, 2 ** 53, -1.5, 7, 8, 9];
    const { identity } = await import("./fixtures/tasks.mjs");
    for (const chunksize of [1, 10])
      expect(await taken(pool.imap(identity, special, { chunksize }), 10)).toEqual(special);
  });
});

/** Typed for items that are gates. */
function blocksAll(_gate: unknown): (at: unknown) => unknown {
  return blocks as (at: unknown) => unknown;
}
