import { inspect } from "node:util";
import { Lock, RLock, Semaphore, SharedArray, type SharedKind, SharedValue } from "@cordage/ipc";
import { peerKinds } from "@cordage/test-support/laws";
import { describe, expect, test } from "@jest/globals";
import { startPeer } from "../support/peer.js";

const code = (code: string) => expect.objectContaining({ code });

describe.each(peerKinds)("shared with a %s", (kind) => {
  // 75 _TestValue.test_value, 76 test_rawvalue
  test.each([
    ["int32", 4343, 24234],
    ["float64", 3.625, -4.25],
    ["int16", -232, 234],
    ["int64", 2n ** 33n, 2n ** 34n],
    ["uint64", 2n ** 63n, 2n ** 64n - 1n],
    ["uint8", 120, 121],
    ["float32", 0.5, -0.25],
    ["bool", false, true],
  ] as [SharedKind, any, any][])("a value of kind %s is the same for both", async (of, first, second) => {
    for (const lock of [true, false]) {
      const value = new SharedValue(of, first, { lock });
      expect(value.value).toBe(first);
      const peer = await startPeer(kind, value);
      expect(await peer.run(([value]) => value.value)).toBe(first);
      await peer.run(([value], second) => {
        value.value = second;
      }, second);
      expect(value.value).toBe(second);
    }
  });

  // 78 _TestArray.test_array, 80 test_rawarray
  test.each([5, 300_000])("an array of %p is the same for both", async (length) => {
    for (const lock of [true, false]) {
      const shared = new SharedArray(Float64Array, length, { lock });
      const peer = await startPeer(kind, shared);
      await peer.run(([shared]) => void shared.array.fill(1.5));
      expect(shared.array.every((n) => n === 1.5)).toBe(true);
      shared.array[length - 1] = 2;
      expect(await peer.run(([shared]) => [shared.array.length, shared.array.at(-1)])).toEqual([length, 2]);
    }
  });

  test.each(["int32", "uint8", "float64", "float32"] as const)("adding to a %s loses nothing", async (of) => {
    const counter = new SharedValue(of, 0);
    const peers = await Promise.all([startPeer(kind, counter), startPeer(kind, counter)]);
    const adding = peers.map((peer) =>
      peer.run(([counter]) => {
        for (let i = 0; i < 5000; i++) counter.add(1);
      }),
    );
    await Promise.all(adding);
    expect(counter.value).toBe(of === "uint8" ? 10_000 % 256 : 10_000);
  });

  test("the lock keeps steps together", async () => {
    const value = new SharedValue("int32", 0);
    const peers = await Promise.all([startPeer(kind, value), startPeer(kind, value)]);
    const adding = peers.map((peer) =>
      peer.run(([value]) => {
        for (let i = 0; i < 5000; i++) {
          const held = value.getLock().holdSync();
          value.value += 1;
          held[Symbol.dispose]();
        }
      }),
    );
    await Promise.all(adding);
    expect(value.value).toBe(10_000);
  });
});

test("add returns the new value, as its kind holds it", () => {
  expect(new SharedValue("int32", 2 ** 31 - 1).add(1)).toBe(-(2 ** 31));
  expect(new SharedValue("uint32", 0).add(-1)).toBe(2 ** 32 - 1);
  expect(new SharedValue("int8", 127).add(2)).toBe(-127);
  expect(new SharedValue("int64", 2n ** 63n - 1n).add(1n)).toBe(-(2n ** 63n));
  expect(new SharedValue("float32", 0.5).add(0.25)).toBe(0.75);
  expect(new SharedValue("float64", 0.1).add(0.2)).toBe(0.1 + 0.2);
});

test("a value refuses what is of another type", () => {
  const value = new SharedValue("int32", 1);
  expect(() => new SharedValue("int128" as "int32")).toThrow(code("ERR_INVALID_ARG_TYPE"));
  expect(() => Object.assign(value, { value: "1" })).toThrow(code("ERR_INVALID_ARG_TYPE"));
  expect(() => value.add(1n as unknown as number)).toThrow(code("ERR_INVALID_ARG_TYPE"));
  expect(() => value.add(0.5)).toThrow(code("ERR_OUT_OF_RANGE"));
  expect(() => new SharedValue("bool", true).add(1 as never)).toThrow(code("ERR_INVALID_ARG_TYPE"));
  expect(() => new SharedValue("int64", 1 as unknown as bigint)).toThrow(code("ERR_INVALID_ARG_TYPE"));
  expect(value.value).toBe(1);
});

// 77 _TestValue.test_getobj_getlock, 81 _TestArray.test_getobj_getlock_obj
test.each([
  ["value", (lock?: any) => new SharedValue("int32", 5, { lock })],
  ["array", (lock?: any) => new SharedArray(Int32Array, 5, { lock })],
])("a shared %s has the lock that it was given, one of its own, or none", async (_, create) => {
  expect(create().getLock()).toBeInstanceOf(RLock);
  expect(create(true).getLock()).toBeInstanceOf(RLock);
  const lock = new Lock();
  expect(create(lock).getLock()).toBe(lock);
  expect(() => create(false).getLock()).toThrow(code("ERR_NO_LOCK"));
  for (const wrong of ["navalue", 1, {}, new Semaphore()])
    expect(() => create(wrong)).toThrow(code("ERR_INVALID_ARG_TYPE"));
  const shared = create(lock);
  const peer = await startPeer("process", shared, create(false));
  await peer.run(([shared]) => shared.getLock().acquire());
  expect(lock.locked()).toBe(true);
  await expect(peer.run(([, none]) => none.getLock())).rejects.toThrow(code("ERR_NO_LOCK"));
});

// 79 _TestArray.test_array_from_size
test("an array of a length is all zeros, also where another was before", () => {
  for (let i = 0; i < 200; i++) {
    const { array } = new SharedArray(Int32Array, 10);
    expect([...array]).toEqual(Array(10).fill(0));
    array.set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...array]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
});

// 78 _TestArray.test_array
test("an array starts with its values, and is an ordinary typed array", () => {
  const { array } = new SharedArray(Int16Array, [680, 626, 934, 821, 150]);
  expect(array).toBeInstanceOf(Int16Array);
  expect([...array.subarray(1, 3)]).toEqual([626, 934]);
  expect([...new SharedArray(BigInt64Array, new Set([1n, 2n])).array]).toEqual([1n, 2n]);
  expect(new SharedArray(Uint8Array, 0).array).toHaveLength(0);
});

test("an array refuses another class, length or content", () => {
  expect(() => new SharedArray(Array as any, 3)).toThrow(code("ERR_INVALID_ARG_TYPE"));
  expect(() => new SharedArray(Int8Array, -1)).toThrow(code("ERR_OUT_OF_RANGE"));
  expect(() => new SharedArray(Int8Array, {} as any)).toThrow(code("ERR_INVALID_ARG_TYPE"));
});

test("values and arrays print what they hold", () => {
  expect(inspect(new SharedValue("int64", 5n))).toBe("<SharedValue('int64', 5n)>");
  expect(`${new SharedArray(Uint8Array, [1, 2])}`).toBe("<SharedArray(Uint8Array(2) [ 1, 2 ])>");
});
