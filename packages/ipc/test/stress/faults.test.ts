/** What the system can run out of: a clear error, nothing left behind, and everything works again afterwards. */
import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, unlinkSync } from "node:fs";
import { SharedArray, SharedMemory } from "@cordage/ipc";
import { stopTracker } from "@cordage/ipc/sys";
import { afterAll, expect, test } from "@jest/globals";
import { run } from "../support/fixture.js";

const parsed = (stdout: string) =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

afterAll(() => {
  expect(stopTracker()).toBe(0);
});

test("without descriptors a lock and a segment say so, and work once there are some", async () => {
  const { stdout, stderr, code } = await run("exhaust-descriptors.mjs", [], { first: "ulimit -n 64" });
  expect([stderr, code]).toEqual(["", 0]);
  const { errors, works, exit, open } = JSON.parse(stdout);
  expect({ works, exit }).toEqual({ works: true, exit: 0 });
  const emfile = { name: "SystemError", code: "EMFILE", errno: -24, message: expect.stringContaining("ulimit -n") };
  for (const kind of ["Lock", "SharedMemory"]) {
    expect(errors[kind].length).toBeGreaterThan(0);
    for (const error of errors[kind]) expect(error).toMatchObject(emfile);
  }
  // Nor did the failures keep any: as many are open as in a process that had enough.
  const plenty = await run("exhaust-descriptors.mjs", [], { first: "ulimit -n 128" });
  expect(JSON.parse(plenty.stdout).open).toBe(open);
});

test("without memory to map a segment attaching says so, and a smaller one is attached to", async () => {
  const small = new SharedMemory({ create: true, size: 8 });
  small.buf[0] = 9;
  const large = `cordage-test-${process.pid}-sparse`;
  const fd = openSync(`/dev/shm/${large}`, "wx", 0o600);
  ftruncateSync(fd, 3 * 2 ** 30); // a hole: it takes no memory
  closeSync(fd);
  const { stdout, stderr, code } = await run("attach-too-much.mjs", [large, small.name], {
    first: "ulimit -v 3000000",
  });
  unlinkSync(`/dev/shm/${large}`);
  small.close();
  small.unlink();
  expect([stderr, code]).toEqual(["", 0]);
  const enomem = { name: "SystemError", code: "ENOMEM", syscall: "mmap", message: expect.stringContaining("memory") };
  expect(parsed(stdout)).toEqual([enomem, 9]);
});

/** A /dev/shm of one megabyte where this system lets us mount one, else a limit on the size of files. */
function scarce(): { first: string; code: string } {
  const mount = 'mount -t tmpfs -o size=1m none /dev/shm && exec "$@"';
  const mayMount = spawnSync("unshare", ["-rm", "bash", "-c", mount, "bash", "true"]).status === 0;
  if (!mayMount) return { first: "ulimit -f 1024", code: "EFBIG" };
  return { first: `exec unshare -rm bash -c '${mount}' bash "$@"`, code: "ENOSPC" };
}

test("a full /dev/shm is an error when the segment is made, not a SIGBUS when it is used", async () => {
  const { first, code } = scarce();
  const result = await run("fill-segments.mjs", [], { first });
  expect(result).toMatchObject({ code: 0, signal: null, stderr: "" });
  expect(parsed(result.stdout)).toEqual([
    { name: "SystemError", code, message: expect.stringContaining("of 4194304 bytes"), left: 0 },
    { left: 0, exit: 0 },
  ]);
});

test("a limit on the size of files is an error too, not a signal", async () => {
  const result = await run("fill-segments.mjs", [], { first: "ulimit -f 1024" });
  expect(result).toMatchObject({ code: 0, signal: null, stderr: "" });
  expect(parsed(result.stdout)[0]).toMatchObject({ code: "EFBIG", left: 0 });
});

test("a queue whose log can grow no more says so in every form of put, keeps what it has and works on", async () => {
  const { code, stdout, stderr } = await run("fill-queue-log.mjs", [], { first: "ulimit -f 1024" });
  expect([code, stderr]).toEqual([0, ""]);
  const { errors, counts, whole, left } = JSON.parse(stdout);
  const reason = expect.stringContaining("cannot put on the queue");
  expect(errors).toEqual(Array(3).fill({ name: "SystemError", code: "EFBIG", syscall: "write", message: reason }));
  // Nothing of a put that failed is there, and it fails again.
  expect([counts, whole, left]).toEqual([[20, 20, 20], true, 0]);
});

test("what needs shared memory of its own says so where files may not be that large", async () => {
  const { code, stdout, stderr } = await run("make-beyond-limit.mjs", [], { first: "ulimit -f 16" });
  expect([code, stderr]).toEqual([0, ""]);
  const efbig = { name: "SystemError", code: "EFBIG", syscall: "ftruncate" };
  expect(JSON.parse(stdout)).toEqual({ Lock: efbig, Queue: efbig, SharedArray: efbig, small: 1 });
});

test("more shared memory than there is free is refused before any of it is taken", () => {
  expect(() => new SharedArray(Uint8Array, 2 ** 46)).toThrow(expect.objectContaining({ code: "ENOMEM" }));
});
