import { closeSync, openSync, readdirSync, readlinkSync } from "node:fs";
import * as sys from "@cordage/ipc/sys";
import { failureOf } from "@cordage/test-support";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { run, start } from "./support/fixture.js";
import { swap } from "./support/swap.js";

const failure = (code: string, errno: number, syscall: string) =>
  expect.objectContaining({ name: "SystemError", code, errno: -errno, syscall });
const closed = expect.objectContaining({ name: "IpcError", code: "ERR_CLOSED" });

function open(kind: RegExp): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return kind.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false; // readdir's own
    }
  }).length;
}
const rings = () => open(/io_uring/);

test("where the kernel has no io_uring or forbids it, that is said, and a ring throws with the reason", () => {
  for (const [errno, code, reason] of [
    [38, "ENOSYS", /^this kernel has no io_uring/],
    [1, "EPERM", /^io_uring is forbidden here, by the sysctl kernel.io_uring_disabled/],
    [24, "EMFILE", /^io_uring_setup failed with EMFILE$/],
  ] as const) {
    const restore = swap(sys.native, { uringOpen: () => -errno });
    expect(sys.IoUring.unavailable()).toMatch(reason);
    expect(() => new sys.IoUring()).toThrow(failure(code, errno, "io_uring_setup"));
    expect(() => new sys.IoUring()).toThrow(/^cannot make a ring: /);
    restore();
  }
});

const reason = sys.IoUring.unavailable();
if (reason) console.warn(`tests of io_uring are skipped: ${reason}`);

(reason ? describe.skip : describe)("a ring", () => {
  let before = 0;
  let ring: sys.IoUring;
  let reader: number;
  let writer: number;
  beforeEach(() => {
    before = rings();
    ring = new sys.IoUring(4);
    ({ reader, writer } = sys.pipe());
  });
  afterEach(() => {
    ring.close();
    for (const fd of [reader, writer]) sys.close(fd);
    expect(rings()).toBe(before);
  });

  test("reads a pipe: what is there, what comes later, and its end", async () => {
    sys.write(writer, Buffer.from("there"));
    expect((await ring.read(reader, 64)).toString()).toBe("there");
    const later = ring.read(reader, 4);
    await new Promise((resolve) => setImmediate(resolve));
    sys.write(writer, Buffer.from("later"));
    expect((await later).toString()).toBe("late");
    expect((await ring.read(reader, 64)).toString()).toBe("r");
    const { reader: ended, writer: gone } = sys.pipe();
    sys.close(gone);
    expect(await ring.read(ended, 64)).toEqual(Buffer.alloc(0));
    sys.close(ended);
  });

  test("reads a socket, and hands reads of one turn over in one system call", async () => {
    const [a, b] = sys.socketPair();
    const [c, d] = sys.socketPair();
    const both = [ring.read(a, 8), ring.read(c, 8)];
    await Promise.resolve();
    expect([ring.submissions, ring.enters]).toEqual([2, 1]);
    sys.write(d, Buffer.from("second"));
    sys.write(b, Buffer.from("first"));
    expect((await Promise.all(both)).map(String)).toEqual(["first", "second"]);
    for (const fd of [a, b, c, d]) sys.close(fd);
  });

  test("reads go on when their descriptor is closed, and bytes are kept when the ring is", async () => {
    const copy = sys.dup(reader);
    const reading = ring.read(copy, 64);
    await Promise.resolve();
    sys.close(copy);
    sys.write(writer, Buffer.from("kept"));
    const bytes = await reading;
    ring.close();
    expect(bytes.toString()).toBe("kept");
  });

  test("says what is wrong with a read, and has room again after it", async () => {
    for (let i = 0; i < 10; i++) {
      expect(await failureOf(ring.read(1e6, 1))).toEqual(failure("EBADF", 9, "read"));
      expect(await failureOf(ring.read(writer, 1))).toEqual(failure("EBADF", 9, "read"));
    }
    const folder = openSync("/", "r");
    expect(await failureOf(ring.read(folder, 1))).toEqual(failure("EISDIR", 21, "read"));
    closeSync(folder);
    for (const length of [0, 1.5, 2 ** 31, "8" as any])
      expect((await failureOf(ring.read(reader, length))).code).toMatch(/^ERR_(OUT_OF_RANGE|INVALID_ARG_TYPE)$/);
    expect(() => new sys.IoUring(0)).toThrow(RangeError);
  });

  test("has room for as many reads as it was made for, and again once one is done", async () => {
    const four = Array.from({ length: 4 }, () => ring.read(reader, 1));
    expect(await failureOf(ring.read(reader, 1))).toEqual(failure("EBUSY", 16, "io_uring_enter"));
    sys.write(writer, Buffer.from("abcd"));
    expect((await Promise.all(four)).map(String).sort()).toEqual(["a", "b", "c", "d"]);
    const more = ring.read(reader, 1);
    sys.write(writer, Buffer.from("e"));
    expect(String(await more)).toBe("e");
  });

  test("a thousand reads through four places all get their own", async () => {
    const got: string[] = [];
    for (let i = 0; i < 250; i++) {
      const pipes = Array.from({ length: 4 }, () => sys.pipe());
      const reading = pipes.map((one) => ring.read(one.reader, 16));
      for (const [n, one] of pipes.entries()) sys.write(one.writer, Buffer.from(`${i}.${n}`));
      got.push(...(await Promise.all(reading)).map(String));
      for (const one of pipes) for (const fd of [one.reader, one.writer]) sys.close(fd);
    }
    expect(got).toEqual(Array.from({ length: 1000 }, (_, n) => `${n >> 2}.${n & 3}`));
  });

  test("that is closed rejects what waits, handed over or not, and every later read; what comes then is for others", async () => {
    const inFlight = ring.read(reader, 64);
    await new Promise((resolve) => setImmediate(resolve));
    const queued = ring.read(reader, 64);
    ring.close();
    ring.close();
    expect([await failureOf(inFlight), await failureOf(queued)]).toEqual([closed, closed]);
    expect(await failureOf(ring.read(reader, 64))).toEqual(closed);
    sys.write(writer, Buffer.from("x"));
    expect(sys.available(reader)).toBe(1);
  });

  test("when the kernel takes no read, it is rejected with the kernel's reason", async () => {
    const restore = swap(sys.native, { uringSubmit: () => -12 });
    expect(await failureOf(ring.read(reader, 1))).toEqual(failure("ENOMEM", 12, "read"));
    restore();
  });

  test("is collected with its descriptors when nobody uses it any more, but not while somebody awaits a read", async () => {
    const { stdout, stderr, code } = await run("collect-rings.mjs", [], { flags: ["--expose-gc"] });
    const lines = ["unused: 1, then 0", "awaited: 1, then 0; bytes", ""];
    expect({ lines: stdout.split("\n"), stderr, code }).toEqual({ lines, stderr: "", code: 0 });
  });

  test("keeps no process alive while it is idle", async () => {
    expect(await run("read-and-end.mjs", ["idle"])).toMatchObject({
      code: 0,
      signal: null,
      stdout: "made\n",
      stderr: "",
    });
  });

  test("keeps a process alive while a read is in flight", async () => {
    const { child, line, ended } = start("read-and-end.mjs", ["busy"]);
    expect(await line()).toBe("made");
    child.stdin!.end("a line\n");
    expect(await ended).toMatchObject({ code: 0, stdout: "made\nread a line\n", stderr: "" });
  });

  test("50 workers are terminated while they read: nothing is left open, and no byte is taken by the dead", async () => {
    const result = await run("terminate-reading-workers.mjs", ["50"]);
    expect(result).toMatchObject({ code: 0, signal: null, stdout: "0 left open; for whoever comes\n", stderr: "" });
  });

  test("a forked child has no part in its parent's reads", async () => {
    const flags = ["--single-threaded", "--v8-pool-size=0"];
    const result = await run("fork-beside-ring.mjs", [], { flags });
    expect(result).toMatchObject({ code: 0, signal: null, stdout: "child 0; from the child\n", stderr: "" });
  });
});
