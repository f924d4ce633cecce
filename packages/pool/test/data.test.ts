/** What travels to tasks and back. */
import { createHash } from "node:crypto";
import { Lock, Queue, SharedArray, SharedValue } from "@cordage/ipc";
import { describe, expect, test } from "@jest/globals";
import { lengthOf, mirrored, Point, PointError, refuses } from "./fixtures/point.mjs";
import byDefault, {
  add,
  adds,
  all,
  calls,
  fills,
  identity,
  kindOf,
  makesBytes,
  named,
  puts,
  returnsNothing,
  sha,
  shapes,
  signOf,
  soon,
  square,
  takes,
  underLock,
} from "./fixtures/tasks.mjs";
import { failureOf, kinds } from "./support/pools.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const MIB = 1024 * 1024;

describe.each(kinds)("$name: shared objects", ({ make }) => {
  test("are the same ones in the workers", async () => {
    const pool = make();
    const value = new SharedValue("int32", 5);
    const array = new SharedArray(Float64Array, 100);
    await pool.starmap(
      adds,
      numbers(100).map(() => [value, 1] as const),
      { chunksize: 3 },
    );
    expect(value.value).toBe(105);
    await pool.starmap(
      fills,
      numbers(100).map((n) => [array, n, n / 2] as const),
      { chunksize: 7 },
    );
    expect([...array.array]).toEqual(numbers(100).map((n) => n / 2));
  });

  test("locks exclude workers from each other", async () => {
    const pool = make();
    const lock = new Lock();
    const array = new SharedArray(Int32Array, 1, { lock: false });
    await pool.starmap(
      underLock,
      numbers(500).map(() => [lock, array] as const),
      { chunksize: 1 },
    );
    expect([array.array[0], lock.locked()]).toEqual([500, false]);
  });

  test("queues carry what workers put and get", async () => {
    const pool = make();
    const queue = new Queue<unknown>();
    await pool.starmap(
      puts,
      numbers(50).map((n) => [queue, { n }] as const),
      { chunksize: 4 },
    );
    const got: number[] = [];
    while (got.length < 50) got.push(((await queue.get()) as { n: number }).n);
    expect(got.sort((a, b) => a - b)).toEqual(numbers(50));
    const taken = pool.applyAsync(takes, [queue]);
    await queue.put("for a worker");
    expect(await taken).toBe("for a worker");
  });

  test("come back as results", async () => {
    const value = new SharedValue("int32", 7);
    const back = (await make().apply(identity, [value])) as SharedValue<"int32">;
    back.value = 8;
    expect(value.value).toBe(8);
  });
});

describe.each(kinds)("$name: bytes", ({ make }) => {
  const bytes = (length: number) => Buffer.alloc(length).map((_, i) => (i * 7 + (i >> 8)) & 255);

  test.each([
    ["0 bytes", 0],
    ["1 byte", 1],
    ["1 MiB", MIB],
    ["20 MiB", 20 * MIB],
  ])("%s arrive whole, both ways", async (_, length) => {
    const pool = make();
    const given = bytes(length);
    expect(await pool.apply(sha, [given])).toBe(hash(given));
    const made: Buffer = await pool.apply(makesBytes, [length, 3]);
    expect([made.length, hash(made)]).toEqual([length, hash(makesBytes(length, 3))]);
    const back: Uint8Array = await pool.apply(identity, [given]);
    expect([back.length, hash(back)]).toEqual([length, hash(given)]);
    expect(hash(given)).toBe(hash(bytes(length)));
  });

  test("arrive whole in many tasks at once, more than a queue holds", async () => {
    const pool = make();
    const items = numbers(40).map((n) => makesBytes(MIB + n, n));
    expect(await pool.map(sha, items, { chunksize: 1 })).toEqual(items.map(hash));
    const back = await pool.starmap(
      makesBytes,
      numbers(40).map((n) => [MIB + n, n] as const),
      { chunksize: 1 },
    );
    expect(back.map(hash)).toEqual(items.map(hash));
    const seen: string[] = [];
    for await (const item of pool.imap(identity, items, { chunksize: 3, buffersize: 9 })) seen.push(hash(item));
    expect(seen).toEqual(items.map(hash));
  });

  test("of a result stay as they are while others come", async () => {
    const pool = make();
    const kept = await pool.starmap(
      makesBytes,
      numbers(20).map((n) => [100_000, n] as const),
      { chunksize: 1 },
    );
    for (let i = 0; i < 5; i++) await pool.map(makesBytes as (length: number) => Buffer, Array(20).fill(100_000));
    expect(kept.map(hash)).toEqual(numbers(20).map((n) => hash(makesBytes(100_000, n))));
  });

  test.each([Float64Array, Int32Array, Uint8ClampedArray, BigInt64Array, Float32Array, Uint16Array])(
    "a %p keeps its kind and its part of its buffer",
    async (kind) => {
      const pool = make();
      const whole = new kind(100);
      for (let i = 0; i < 100; i++) whole[i] = kind === BigInt64Array ? BigInt(-i) : i;
      const part = whole.subarray(10, 20);
      const back = (await pool.apply(identity, [part])) as typeof part;
      expect(await pool.apply(kindOf, [part])).toBe(`[object ${kind.name}]`);
      expect([back.constructor.name, [...back]]).toEqual([kind.name, [...part]]);
      expect(await pool.map(identity, [part, whole], { chunksize: 2 })).toEqual([part, whole]);
    },
  );

  test("an ArrayBuffer and a DataView travel too", async () => {
    const pool = make();
    const { buffer } = new Uint8Array([1, 2, 3, 4]);
    const back = (await pool.apply(identity, [[buffer, new DataView(buffer, 1, 2)]])) as [ArrayBuffer, DataView];
    expect([...new Uint8Array(back[0])]).toEqual([1, 2, 3, 4]);
    expect([back[1].byteLength, back[1].getUint8(0)]).toEqual([2, 2]);
  });
});

describe.each(kinds)("$name: values", ({ make }) => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const values: [string, unknown][] = [
    ["nothing", undefined],
    ["null", null],
    ["-0", -0],
    ["NaN", Number.NaN],
    ["a bigint", -(2n ** 100n)],
    ["a text", "α→\u{1f600}\0"],
    ["a lone surrogate", "\ud800"],
    ["a Date", new Date(8.64e15)],
    ["a RegExp", /a+/giu],
    ["a Map", new Map<unknown, unknown>([[{ a: 1 }, new Set([1, "2"])]])],
    ["a URL", new URL("https://example.org/?a=1#b")],
    ["nested lists", [[], [[]], [[[1]]]]],
    ["a cycle", cycle],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
  ];
  test("keep their kind and their identity within one call", async () => {
    const pool = make();
    for (const [, value] of values) expect(await pool.apply(identity, [value])).toEqual(value);
    const list = values.map(([, value]) => value);
    for (const chunksize of [1, 4, 100]) expect(await pool.map(identity, list, { chunksize })).toEqual(list);
    const shared = {};
    const [first, second] = (await pool.apply(all, [shared, shared])) as [object, object];
    expect(first).toBe(second);
  });

  test("numbers keep their signs and their kinds, packed or not", async () => {
    const pool = make();
    const special = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 2 ** 53, 1.5, -1];
    for (const chunksize of [1, 8, 9]) {
      expect(await pool.map(identity, special, { chunksize })).toEqual(special);
      expect(await pool.map(signOf, special, { chunksize })).toEqual(
        special.map((n) => (Object.is(n, -0) ? "-0" : String(n))),
      );
    }
    const mixed = [...special, 1n, "2", null, [3]];
    expect(await pool.map(identity, mixed, { chunksize: 13 })).toEqual(mixed);
    const lists = numbers(20).map((n) => Float64Array.of(n, n + 0.5));
    const back = await pool.map(identity, lists, { chunksize: 10 });
    expect(back.map((list: Float64Array) => [list.constructor.name, ...list])).toEqual(
      lists.map((list) => ["Float64Array", ...list]),
    );
    expect(await pool.map(returnsNothing as (n: number) => unknown, numbers(20), { chunksize: 10 })).toEqual(
      Array(20).fill(undefined),
    );
  });

  test("items with holes, and iterables of every kind", async () => {
    const pool = make();
    const holes = Array(3) as number[];
    holes[0] = 1;
    holes[2] = 3;
    expect(await pool.map(identity, holes)).toEqual([1, undefined, 3]);
    expect(await pool.map(identity, "añ😀")).toEqual(["a", "ñ", "😀"]);
    expect((await pool.imap(identity, "😀").next()).value).toBe("😀");
    expect(await pool.map(identity, new Map([[1, 2]]))).toEqual([[1, 2]]);
    expect(await pool.map(square, new Float32Array([1, 2, 3]))).toEqual([1, 4, 9]);
    expect(
      await pool.map(
        square,
        (function* () {
          yield* numbers(10);
        })(),
      ),
    ).toEqual(numbers(10).map((n) => n * n));
  });

  test("instances of registered classes, and errors of them, keep their class", async () => {
    const pool = make();
    const mirror = await pool.apply(mirrored, [new Point(3, 4)]);
    expect(mirror).toBeInstanceOf(Point);
    expect([mirror.x, mirror.length]).toEqual([4, 5]);
    expect(await pool.map(lengthOf, [new Point(3, 4), new Point(6, 8)])).toEqual([5, 10]);
    const error = await failureOf(pool.apply(refuses, [new Point(1, 2)]));
    expect(error).toBeInstanceOf(PointError);
    expect(error).toMatchObject({ message: "not there", point: { x: 1, y: 2 }, cause: { name: "RemoteError" } });
    expect(error.point).toBeInstanceOf(Point);
  });
});

describe.each(kinds)("$name: functions", ({ make }) => {
  const url = (fragment: string) => new URL(`./fixtures/tasks.mjs${fragment}`, import.meta.url);

  test("are given as such, by name, by URL, or as a property of an export", async () => {
    const pool = make();
    expect(await pool.apply(named, [3])).toBe(27);
    expect(await pool.apply(byDefault, ["one"])).toBe("default one");
    expect(await pool.apply(shapes.area, [3])).toBe(9);
    expect(await pool.apply(Math.max, [1, 3, 2])).toBe(3);
    expect(await pool.apply(url("#square"), [3])).toBe(9);
    expect(await pool.apply(url("#shapes.area"), [4])).toBe(16);
    expect(await pool.apply(url(""), ["two"])).toBe("default two");
    expect(await pool.map(url("#square"), [1, 2, 3])).toEqual([1, 4, 9]);
    expect((await pool.imap(url("#square"), [5]).next()).value).toBe(25);
  });

  test("are arguments, by reference, alone and within others", async () => {
    const pool = make();
    expect(await pool.apply(calls, [add, 1, 2])).toBe(3);
    expect(
      await pool.starmap(calls, [
        [square, 3],
        [named, 3],
        [Math.abs, -4],
      ]),
    ).toEqual([9, 27, 4]);
    expect(await pool.apply(kindOf, [square])).toBe("[object Function]");
  });

  test("many of them, in any order", async () => {
    const pool = make();
    const results = numbers(100).map((n) => pool.applyAsync([square, named, shapes.area, Math.sqrt][n % 4]!, [n]));
    const expected = numbers(100).map((n) => [n * n, n ** 3, n * n, Math.sqrt(n)][n % 4]);
    expect(await Promise.all(results)).toEqual(expected);
  });

  test("may be asynchronous, in every call", async () => {
    const pool = make();
    expect(await pool.apply(soon, [1])).toBe(1);
    expect(await pool.map(soon, numbers(50), { chunksize: 7 })).toEqual(numbers(50));
    expect(await pool.starmap(soon, [[1], [2]])).toEqual([1, 2]);
    const seen: number[] = [];
    for await (const value of pool.imap(soon, numbers(20), { chunksize: 3 })) seen.push(value);
    expect(seen).toEqual(numbers(20));
  });
});
