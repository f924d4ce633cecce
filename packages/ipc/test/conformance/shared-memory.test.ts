import { existsSync, mkdirSync, rmdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { SharedMemory } from "@cordage/ipc";
import { decode, encode, stopTracker } from "@cordage/ipc/sys";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import { createFileNamed } from "../../dist/testing.js";
import { run } from "../support/fixture.js";

const made: SharedMemory[] = [];
function create(size: number, name?: string): SharedMemory {
  const shm = new SharedMemory({ create: true, size, name });
  made.push(shm);
  return shm;
}
const own = (text: string) => `cordage-test-${process.pid}-${text}`;
const withCode = (code: string) => expect.objectContaining({ code });

afterEach(() => {
  for (const shm of made.splice(0)) {
    shm.close();
    if (existsSync(`/dev/shm/${shm.name}`)) shm.unlink();
  }
});
afterAll(() => {
  expect(stopTracker()).toBe(0);
});

// 156 _TestSharedMemory.test_shared_memory_name_with_embedded_null, 220 TestResourceTracker.test_too_long_name_resource
test.each(["a\0b", "a/b", "/a", "", ".", "..", "x".repeat(256), "é".repeat(128)])(
  "%j is no name of a segment",
  (name) => {
    const bad = withCode("ERR_OUT_OF_RANGE");
    expect(() => new SharedMemory({ name })).toThrow(bad);
    expect(() => new SharedMemory({ name, create: true, size: 1 })).toThrow(bad);
  },
);

test("a name of the wrong type, and options that are none, are type errors", () => {
  const bad = withCode("ERR_INVALID_ARG_TYPE");
  expect(() => new SharedMemory({ name: 5 as never })).toThrow(bad);
  expect(() => new SharedMemory(undefined as never)).toThrow(bad);
  expect(() => new SharedMemory({ create: true, size: "9" as never })).toThrow(bad);
});

// 157 _TestSharedMemory.test_shared_memory_basics
test("a segment is created by name, attached to by name, and shows the same bytes", () => {
  const shm = create(512, own("basics"));
  expect(shm.name).toBe(own("basics"));
  expect(shm.size).toBe(512);
  expect(shm.buf).toHaveLength(512);
  expect(String(shm)).toBe(`SharedMemory('${shm.name}', size=512)`);
  shm.buf[0] = 42;
  using other = new SharedMemory({ name: shm.name, size: 7 });
  expect(other.size).toBe(512);
  expect(other.buf[0]).toBe(42);
  other.buf[511] = 9;
  expect(shm.buf[511]).toBe(9);
});

test("only its owner may open a segment, and it is zeroed", () => {
  const shm = create(100);
  expect(statSync(`/dev/shm/${shm.name}`).mode & 0o777).toBe(0o600);
  expect(shm.buf.every((byte) => byte === 0)).toBe(true);
  expect([SharedMemory.name, String(shm)]).toEqual(["SharedMemory", `SharedMemory('${shm.name}', size=100)`]);
});

test("attaching without a name, or with a size below zero, is refused", () => {
  expect(() => new SharedMemory({})).toThrow(withCode("ERR_INVALID_ARG_TYPE"));
  expect(() => new SharedMemory({ name: own("x"), size: -2 })).toThrow(withCode("ERR_OUT_OF_RANGE"));
});

// 158 _TestSharedMemory.test_shared_memory_recreate
test("a made-up name that is taken is made up again", () => {
  const shm = create(8);
  const names = [shm.name, shm.name, own("free")];
  const created = createFileNamed(() => names.shift()!);
  expect(created.name).toBe(own("free"));
  expect(names).toHaveLength(0);
  new SharedMemory({ create: true, size: 1 }).unlink();
  writeFileSync(created.fd, "x");
  new SharedMemory({ name: created.name }).unlink();
});

test("creating twice, unlinking twice and attaching to nothing are system errors", () => {
  const shm = create(8, own("twice"));
  const error = { code: "EEXIST", syscall: "open", errno: -17, name: "SystemError" };
  expect(() => create(8, shm.name)).toThrow(expect.objectContaining(error));
  shm.unlink();
  expect(() => shm.unlink()).toThrow(expect.objectContaining({ code: "ENOENT", syscall: "unlink" }));
  expect(() => new SharedMemory({ name: shm.name })).toThrow(expect.objectContaining({ code: "ENOENT" }));
});

// 159 _TestSharedMemory.test_invalid_shared_memory_creation
test.each([-1, 0, undefined, 1.5, Number.NaN, 2 ** 60])("a new segment of %p bytes is refused", (size) => {
  expect(() => new SharedMemory({ create: true, size: size as number })).toThrow(withCode("ERR_OUT_OF_RANGE"));
});

test("after close the bytes are out of reach, here only, and closing twice is fine", () => {
  const shm = create(16);
  using other = new SharedMemory({ name: shm.name });
  const before = shm.buf;
  shm.close();
  shm.close();
  expect(before).toHaveLength(0);
  expect(() => shm.buf).toThrow(withCode("ERR_CLOSED"));
  expect(other.buf).toHaveLength(16);
});

test("an unlinked segment serves those who have it", () => {
  const shm = create(16);
  const other = new SharedMemory({ name: shm.name, track: false });
  shm.unlink();
  other.buf[3] = 5;
  expect(shm.buf[3]).toBe(5);
  other.close();
});

test("what is no segment is not attached to", () => {
  const shm = create(16, own("other"));
  truncateSync(`/dev/shm/${shm.name}`, 0);
  expect(() => new SharedMemory({ name: shm.name })).toThrow(withCode("ERR_NOT_A_SEGMENT"));
  mkdirSync(`/dev/shm/${own("folder")}`);
  expect(() => new SharedMemory({ name: own("folder") })).toThrow(withCode("EISDIR"));
  rmdirSync(`/dev/shm/${own("folder")}`);
});

// 160 _TestSharedMemory.test_shared_memory_pickle_unpickle
test("a segment travels by name, and both sides see the same bytes", () => {
  const shm = create(32);
  using copy = decode(encode(shm)) as SharedMemory;
  expect(copy).not.toBe(shm);
  expect(copy).toBeInstanceOf(SharedMemory);
  expect(copy.name).toBe(shm.name);
  copy.buf[0] = 1;
  shm.buf[1] = 2;
  expect([shm.buf[0], copy.buf[1]]).toEqual([1, 2]);
});

// 161 _TestSharedMemory.test_shared_memory_pickle_unpickle_dead_object
test("a segment that was unlinked on the way does not arrive", () => {
  const shm = create(32);
  const bytes = encode(shm);
  shm.close();
  shm.unlink();
  expect(() => decode(bytes)).toThrow(withCode("ENOENT"));
});

// 162 _TestSharedMemory.test_shared_memory_across_processes
test("another process writes by name and through a passed object", async () => {
  const shm = create(32);
  const named = await run("attach-segment.mjs", [JSON.stringify({ name: shm.name, track: false })]);
  expect(named).toMatchObject({ code: 0, stderr: "" });
  const passed = await run("decode-segment.mjs", [Buffer.from(encode(shm)).toString("hex")]);
  expect(passed).toMatchObject({ code: 0, stderr: "" });
  expect(shm.buf[0]).toBe(2);
});

test("whoever received a segment may unlink it: its sender's tracker is told", async () => {
  const shm = create(32);
  const result = await run("decode-segment.mjs", [Buffer.from(encode(shm)).toString("hex"), "unlink"]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(existsSync(`/dev/shm/${shm.name}`)).toBe(false);
});

// 264 TestSharedMemoryNames.test_that_shared_memory_name_with_colons_has_no_resource_tracker_errors
test.each(["a:b", ":", "\n", "x:\ny\n:", "é\u{1f9f6}", '"]'])(
  "%j is created, written, closed and unlinked in silence",
  async (text) => {
    const name = own(text);
    const made = await run("create-segments.mjs", [JSON.stringify({ name, unlink: true })]);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(`/dev/shm/${name}`)).toBe(false);
  },
);
