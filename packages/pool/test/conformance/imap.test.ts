/** imap and imapUnordered, whose inputs may fail. */
import { describe, expect, test } from "@jest/globals";
import { oddFails, square } from "../fixtures/tasks.mjs";
import { failureOf, kinds } from "../support/pools.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const squares = (count: number) => numbers(count).map((n) => n * n);
const thrown = new Error("of the input");

/** Throws instead of the item of that index. */
function* failing(index: number): Generator<number> {
  yield* numbers(index);
  throw thrown;
}
async function* failingLater(index: number): AsyncGenerator<number> {
  yield* failing(index);
}

async function drained(results: AsyncIterable<number>): Promise<[number[], unknown]> {
  const list: number[] = [];
  try {
    for await (const value of results) list.push(value);
    return [list, undefined];
  } catch (error) {
    return [list, error];
  }
}

describe.each(kinds)("$name: imap", ({ make }) => {
  test("hands over the results in the order of the items, whatever the chunksize", async () => {
    const pool = make();
    for (const chunksize of [undefined, 1, 7, 100])
      expect(await drained(pool.imap(square, numbers(50), { chunksize }))).toEqual([squares(50), undefined]);
  });

  test("next() takes one after the other, and is done for ever after", async () => {
    const results = make().imap(square, numbers(3));
    for (const value of squares(3)) expect(await results.next()).toEqual({ done: false, value });
    for (let i = 0; i < 3; i++) expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test("several calls of next() at once are answered in their order", async () => {
    const results = make().imap(square, numbers(3));
    const five = Array.from({ length: 5 }, () => results.next());
    expect((await Promise.all(five)).map(({ value }) => value)).toEqual([0, 1, 4, undefined, undefined]);
  });

  // 104 _TestPool.test_imap_handle_iterable_exception
  test.each([
    ["at once", 1, 0, 0],
    ["after three", 1, 3, 3],
    ["in the fourth chunk of two", 2, 7, 6],
    ["in the second chunk of four", 4, 7, 4],
    ["at the border of two chunks", 4, 8, 8],
  ])("an error of the input %s comes after the results of the chunks before it", async (_, chunksize, at, count) => {
    const pool = make();
    for (const input of [failing, failingLater])
      for (const buffersize of [undefined, 1, 100]) {
        if (buffersize === 1 && chunksize > 1) continue; // makes chunks smaller
        expect(await drained(pool.imap(square, input(at), { chunksize, buffersize }))).toEqual([
          squares(count),
          thrown,
        ]);
      }
    expect(thrown.cause).toBeUndefined();
    expect(await pool.apply(square, [3])).toBe(9);
  });

  // 105 _TestPool.test_imap_unordered
  test("imapUnordered hands over all results, in any order", async () => {
    const pool = make();
    for (const chunksize of [1, 3, 100]) {
      const [list, error] = await drained(pool.imapUnordered(square, numbers(30), { chunksize }));
      expect([list.sort((a, b) => a - b), error]).toEqual([squares(30), undefined]);
    }
  });

  // 106 _TestPool.test_imap_unordered_handle_iterable_exception
  test.each([
    [1, 0, 0],
    [1, 3, 3],
    [2, 7, 6],
    [4, 7, 4],
  ])(
    "in chunks of %i, an input that fails at %i gives %i results, none twice, and its error",
    async (chunksize, at, count) => {
      const pool = make();
      for (const input of [failing, failingLater]) {
        const [list, error] = await drained(pool.imapUnordered(square, input(at), { chunksize }));
        expect([list.sort((a, b) => a - b), error]).toEqual([squares(count), thrown]);
      }
    },
  );

  test("what a task throws comes in its place, and next() goes on behind it", async () => {
    const results = make().imap(oddFails, numbers(4));
    expect(await results.next()).toEqual({ done: false, value: 0 });
    expect(await failureOf(results.next())).toMatchObject({ name: "RangeError", message: "1 is odd" });
    expect(await results.next()).toEqual({ done: false, value: 2 });
    expect(await failureOf(results.next())).toMatchObject({ message: "3 is odd" });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test("an error in a chunk stands for that chunk", async () => {
    const results = make().imap(oddFails, [0, 2, 1, 4, 6, 8], { chunksize: 2 });
    const seen = [await results.next(), await results.next(), await failureOf(results.next())];
    seen.push(await results.next(), await results.next(), await results.next());
    const value = (value: unknown) => ({ done: false, value });
    expect(seen).toEqual([
      value(0),
      value(2),
      expect.objectContaining({ message: "1 is odd" }),
      value(6),
      value(8),
      { done: true, value: undefined },
    ]);
  });
});
