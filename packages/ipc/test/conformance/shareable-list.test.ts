import { existsSync } from "node:fs";
import { ShareableList, type ShareableValue } from "@cordage/ipc";
import { decode, encode, stopTracker } from "@cordage/ipc/sys";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import fc from "fast-check";

const made: ShareableList<any>[] = [];
function list<T>(values: Iterable<T> & Iterable<ShareableValue>, name?: string): ShareableList<T> {
  const created = new ShareableList<T>(values, { name });
  made.push(created);
  return created;
}
const basics = () => list(["howdy", Buffer.from("HoWdY"), -273.154, 100, null, true, 42]);
const withCode = (code: string) => expect.objectContaining({ code });
const own = (text: string) => `cordage-test-list-${process.pid}-${text}`;

afterEach(() => {
  for (const { shm } of made.splice(0)) {
    shm.close();
    if (existsSync(`/dev/shm/${shm.name}`)) shm.unlink();
  }
});
afterAll(() => {
  expect(stopTracker()).toBe(0);
});

// 166 _TestSharedMemory.test_shared_memory_ShareableList_basics
test("a list has Python's formats, and gives back what it was given", () => {
  const sl = basics();
  expect(sl.toArray()).toEqual(["howdy", Buffer.from("HoWdY"), -273.154, 100, null, true, 42]);
  expect(sl.format).toBe("8s8sdqxxxxxx?xxxxxxxx?q");
  expect(sl).toHaveLength(7);
  expect(String(sl)).toContain(`name='${sl.shm.name}'`);
});

test.each([7, -8, 0.5, Number.NaN])("there is no item %p of seven, to read or to set", (index) => {
  const sl = basics();
  expect(() => sl.at(index)).toThrow(withCode("ERR_OUT_OF_RANGE"));
  expect(() => sl.set(index, 1)).toThrow(withCode("ERR_OUT_OF_RANGE"));
});

test("a negative index counts from the end, for reading and setting", () => {
  const sl = basics();
  expect(sl.at(-2)).toBe(true);
  sl.set(-1, 43);
  expect([sl.at(6), sl.at(-1)]).toEqual([43, 43]);
});

test("an item changes its type in place if the new value fits", () => {
  const sl = basics();
  sl.set(4, "some");
  sl.set(3, null);
  sl.set(0, 2.5);
  sl.set(5, Buffer.of(1, 2));
  expect(sl.toArray()).toEqual([2.5, Buffer.from("HoWdY"), -273.154, null, "some", Buffer.of(1, 2), 42]);
  expect(sl.format).toBe("d8sdxxxxxx?x8s8sq");
});

test("a value longer than its slot is refused, counted in bytes, and neither the old one nor the neighbour suffers", () => {
  const sl = list<ShareableValue>(["howdy", "neighbour"]);
  sl.set(0, "ok\u00fc\u00fc\u00fc"); // eight bytes in UTF-8
  const tooLong = expect.objectContaining({
    code: "ERR_OUT_OF_RANGE",
    message: expect.stringContaining("exceeds available storage"),
  });
  expect(() => sl.set(0, "ok\u00fc\u00fc\u00fcx")).toThrow(tooLong);
  expect(() => sl.set(0, Buffer.alloc(9))).toThrow(tooLong);
  expect(sl.toArray()).toEqual(["ok\u00fc\u00fc\u00fc", "neighbour"]);
});

test("items are counted and found, bytes by what they hold", () => {
  const sl = list<ShareableValue>([1, "a", Buffer.from("a"), 1, null, -0]);
  expect([sl.count(1), sl.count("a"), sl.count(new Uint8Array([97])), sl.count("b")]).toEqual([2, 1, 1, 0]);
  expect([sl.indexOf(1), sl.indexOf(Buffer.from("a")), sl.indexOf(null), sl.indexOf("b")]).toEqual([0, 2, 4, -1]);
  expect([sl.includes(-0), sl.includes(0)]).toEqual([true, false]);
});

test("a copy under a new name is independent, a list attached by name is shared", () => {
  const sl = basics();
  const copy = list(sl, own("copy"));
  using attached = new ShareableList<string | number>(undefined, { name: sl.shm.name });
  expect(copy.shm.name).toBe(own("copy"));
  sl.set(3, 101);
  expect([copy.at(3), attached.at(3)]).toEqual([100, 101]);
  attached.set(0, "shared");
  expect(sl.at(0)).toBe("shared");
});

test("an empty list works", () => {
  const empty = list([]);
  expect([empty.length, empty.format, empty.toArray(), empty.indexOf(1 as never)]).toEqual([0, "", [], -1]);
  expect(() => empty.at(0)).toThrow(withCode("ERR_OUT_OF_RANGE"));
});

test("integers beyond 64 bits, undefined and objects are refused", () => {
  expect(() => list([2n ** 63n])).toThrow(withCode("ERR_OUT_OF_RANGE"));
  expect(() => list([-(2n ** 63n) - 1n])).toThrow(withCode("ERR_OUT_OF_RANGE"));
  for (const bad of [undefined, {}, [], Symbol("s"), new Float64Array(1)])
    expect(() => list([bad as never])).toThrow(withCode("ERR_INVALID_ARG_TYPE"));
  expect(() => new ShareableList()).toThrow(withCode("ERR_INVALID_ARG_TYPE"));
  expect(() => new ShareableList(5 as never)).toThrow(withCode("ERR_INVALID_ARG_TYPE"));
});

test("a closed list says so", () => {
  const sl = basics();
  sl.shm.close();
  for (const use of [() => sl.at(0), () => sl.set(0, 1), () => sl.format, () => sl.toArray()])
    expect(use).toThrow(withCode("ERR_CLOSED"));
});

test("a segment that holds no list is refused", () => {
  const sl = list(["x".repeat(100)]);
  for (const length of [-1n, 2n ** 40n, 2n ** 62n]) {
    sl.shm.buf.writeBigInt64LE(length, 0);
    expect(() => new ShareableList(undefined, { name: sl.shm.name, track: false })).toThrow(
      withCode("ERR_OUT_OF_RANGE"),
    );
  }
  sl.shm.buf.writeBigInt64LE(1n, 0);
  sl.shm.buf.writeBigInt64LE(-5n, 8);
  expect(() => sl.at(0)).toThrow(withCode("ERR_OUT_OF_RANGE"));
});

// 167 _TestSharedMemory.test_shared_memory_ShareableList_pickling
test("a list travels by name, at a cost that its length does not change", () => {
  const short = list([1]);
  const long = list(Array.from({ length: 1000 }, (_, i) => i));
  expect(encode(long).length).toBe(encode(short).length);
  using copy = decode(encode(long)) as ShareableList<number>;
  copy.set(0, 7);
  long.set(1, 8);
  expect([long.at(0), copy.at(1), copy.length]).toEqual([7, 8, 1000]);
});

// 168 _TestSharedMemory.test_shared_memory_ShareableList_pickling_dead_object
test("a list that was unlinked on the way does not arrive", () => {
  const sl = list(Array.from({ length: 10 }, (_, i) => i));
  const bytes = encode(sl);
  sl.shm.close();
  sl.shm.unlink();
  expect(() => decode(bytes)).toThrow(withCode("ENOENT"));
});

test("every list of values comes back as it was, and takes the values of another that fit", () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((b) => Buffer.from(b));
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const text = fc.string({ unit: "binary", maxLength: 30 });
  const value = fc.oneof(text, bytes, fc.double(), fc.integer(), int64, fc.boolean(), fc.constant(null));
  const property = fc.property(
    fc.array(value, { maxLength: 12 }),
    fc.array(value, { maxLength: 12 }),
    (values, others) => {
      const sl = list<ShareableValue>(values);
      const expected = [...values];
      others.slice(0, values.length).forEach((other, i) => {
        try {
          sl.set(i, other);
          expected[i] = other;
        } catch (error) {
          expect((error as Error).message).toContain("exceeds available storage");
        }
      });
      expect(sl.toArray()).toEqual(expected);
      sl.shm.close();
      sl.shm.unlink();
      made.length = 0;
    },
  );
  fc.assert(property, { numRuns: 300 });
});
