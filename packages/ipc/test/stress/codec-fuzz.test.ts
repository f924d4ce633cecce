import { deepStrictEqual } from "node:assert";
import { CodecError } from "@cordage/ipc";
import { decode, encode } from "@cordage/ipc/sys";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { arbitraryGraph, arbitraryTree } from "../support/arbitrary-value.js";

const SECONDS = 1000;
const small = { size: "small", depthSize: "small" } as const;

function again(value: unknown): unknown {
  return decode(encode(value));
}

/** Decodes what may be no message: an error of ours, or a value, in time that fits the length. */
function survives(bytes: Uint8Array): void {
  const before = process.hrtime.bigint();
  try {
    decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError);
    expect((error as CodecError).code).toBe("ERR_BAD_MESSAGE");
  }
  expect(Number(process.hrtime.bigint() - before) / 1e6).toBeLessThan(5 * SECONDS);
}

function expectUntouchedPrototypes(): void {
  for (const { prototype } of [Object, Array, Map, Set, Error]) expect(Object.keys(prototype)).toEqual([]);
}

test("any tree comes back as it was", () => {
  fc.assert(
    fc.property(arbitraryTree, (value) => deepStrictEqual(again(value), value)),
    { numRuns: 1000 },
  );
});

test("a tree is the same alone, where the quick way may carry it, and beside what goes the general way", () => {
  fc.assert(
    fc.property(arbitraryTree, (value) => deepStrictEqual((again([value, 1n]) as unknown[])[0], again(value))),
    { numRuns: 1000 },
  );
});

test("any graph, with its cycles and shared references, comes back as it was", () => {
  fc.assert(
    fc.property(arbitraryGraph, (value) => deepStrictEqual(again(value), value)),
    { numRuns: 500 },
  );
});

test("encoding what was decoded gives the same bytes", () => {
  fc.assert(
    fc.property(arbitraryGraph, (value) => {
      const bytes = encode(value);
      expect(Buffer.compare(encode(decode(bytes)), bytes)).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test("views of the given bytes hold the same as copies", () => {
  fc.assert(
    fc.property(arbitraryTree, fc.integer({ min: 0, max: 254 }), (value, reserve) => {
      const bytes = encode(value, undefined, { reserve }).subarray(reserve);
      deepStrictEqual(decode(Uint8Array.from(bytes), undefined, { owned: true }), value);
    }),
    { numRuns: 500 },
  );
});

test("random bytes are a value or a CodecError", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), survives), { numRuns: 5000 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => survives(Uint8Array.of(0xc1, 0x9f, ...bytes))),
    { numRuns: 5000 },
  );
  expectUntouchedPrototypes();
});

/** Messages of the right grammar whose nodes hold anything. */
const nonsenseHeaps = fc
  .array(
    fc.tuple(
      fc.nat(18),
      fc.array(
        fc.oneof(
          fc.nat(8),
          fc.nat(8).map((id) => [id]),
          fc.string(),
          fc.constantFrom(null, [], {}, "Error", "Map"),
        ),
      ),
    ),
    { maxLength: 8 },
  )
  .map((nodes) => [[1], ...nodes.map(([tag, slots]) => [tag, ...slots])]);

test("heaps of nonsense are a value or a CodecError", () => {
  fc.assert(
    fc.property(nonsenseHeaps, (heap) => {
      const bytes = encode(heap, undefined, { reserve: 1 });
      bytes[0] = 0xc1;
      survives(bytes);
    }),
    { numRuns: 5000 },
  );
  expectUntouchedPrototypes();
});

const mutations = fc.array(
  fc.tuple(fc.constantFrom("set", "cut", "repeat", "flip"), fc.nat(), fc.nat(255), fc.nat(40)),
  { minLength: 1, maxLength: 6 },
);

function mutated(bytes: Uint8Array, changes: Array<[string, number, number, number]>): Uint8Array {
  let result = Buffer.from(bytes);
  for (const [kind, where, byte, length] of changes) {
    const at = where % (result.length + 1);
    if (kind === "set" && at < result.length) result[at] = byte;
    else if (kind === "flip" && at < result.length) result[at]! ^= 1 << (byte & 7);
    else if (kind === "cut") result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]);
    else result = Buffer.concat([result.subarray(0, at), result.subarray(Math.max(0, at - length))]);
  }
  return result;
}

test("a damaged message is a value or a CodecError", () => {
  fc.assert(
    fc.property(fc.oneof(small, arbitraryTree, arbitraryGraph), mutations, (value, changes) =>
      survives(mutated(encode(value), changes)),
    ),
    { numRuns: 3000 },
  );
  expectUntouchedPrototypes();
});

test("what is refused leaves the codec as it was", () => {
  fc.assert(
    fc.property(arbitraryGraph, arbitraryTree, (bad, good) => {
      expect(() => encode([good, bad, Symbol("s")])).toThrow(expect.objectContaining({ path: "$[2]" }));
      deepStrictEqual(again(good), good);
    }),
    { numRuns: 300 },
  );
});

/** How much the heap and its buffers grow, at most, while hostile bytes of a small length are decoded. */
test.each([
  ["arrays that claim to be long", [0xdd, 0x00, 0xff, 0xff, 0xff]],
  ["fixed arrays in arrays", [0x9f]],
  ["maps that claim to be long", [0xdf, 0x00, 0xff, 0xff, 0xff]],
  ["binaries that claim to be long", [0xc6, 0x7f, 0xff, 0xff, 0xff]],
  ["extensions that claim to be long", [0xc9, 0x7f, 0xff, 0xff, 0xff, 0x42]],
])("%s cost no memory", (_, unit) => {
  const bytes = Buffer.alloc(64 * 1024, Buffer.from(unit));
  const before = process.memoryUsage();
  for (let i = 0; i < 20; i++) survives(bytes);
  const after = process.memoryUsage();
  expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(64 * 1024 * 1024);
});
