import { once } from "node:events";
import { existsSync, readFileSync, unlinkSync } from "node:fs";
import { constants } from "node:os";
import { SharedMemory } from "@cordage/ipc";
import { native, stopTracker, trackerEnvironment, trackerPid } from "@cordage/ipc/sys";
import { afterAll, expect, test } from "@jest/globals";
import { run, start } from "../support/fixture.js";

const there = (name: string) => existsSync(`/dev/shm/${name}`);
const leaked = (n: number) => `There appear to be ${n} leaked shared_memory objects to clean up at shutdown`;

async function creator(options: object, env?: Record<string, string>) {
  const running = start("create-segments.mjs", [JSON.stringify(options)], { env });
  const said = JSON.parse(await running.line()) as { names: string[]; tracker: number | null };
  return { ...running, ...said };
}

afterAll(() => {
  stopTracker();
});

// 169 _TestSharedMemory.test_shared_memory_cleaned_after_process_termination
test.each(["SIGTERM", "SIGKILL"] as const)(
  "a segment goes with its creator, killed by %s, and stderr tells",
  async (signal) => {
    const { child, names, ended } = await creator({});
    expect(there(names[0]!)).toBe(true);
    child.kill(signal);
    const { stderr } = await ended;
    expect(stderr).toContain(leaked(1));
    expect(there(names[0]!)).toBe(false);
  },
);

test("a segment that was not unlinked goes with a normal exit too, and stderr tells", async () => {
  const { child, names, ended } = await creator({ count: 3 });
  child.stdin!.end();
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  expect(stderr).toContain(leaked(3));
  expect(names.filter(there)).toEqual([]);
});

test("who unlinks leaves in silence", async () => {
  expect(await run("create-segments.mjs", ['{"unlink":true}'])).toMatchObject({ code: 0, stderr: "" });
});

// 220 TestResourceTracker.test_too_long_name_resource
test("the longest name there is, longer yet for the tracker, is tracked all the same", async () => {
  const name = `cordage-test-${process.pid}-`.padEnd(255, "\u0001"); // six characters each in its messages
  const { child, names, ended } = await creator({ name });
  expect(names).toEqual([name]);
  child.kill("SIGKILL");
  expect((await ended).stderr).toContain(leaked(1));
  expect(there(name)).toBe(false);
});

test("an untracked segment outlives its creator and starts no tracker", async () => {
  const { child, names, tracker, ended } = await creator({ track: false });
  expect(tracker).toBeNull();
  child.kill("SIGKILL");
  expect((await ended).stderr).toBe("");
  using shm = new SharedMemory({ name: names[0]! });
  shm.unlink();
});

// 170 _TestSharedMemory.test_shared_memory_untracking
test("a program that attached without tracking leaves the segment in peace", async () => {
  using shm = new SharedMemory({ create: true, size: 8 });
  expect(await run("attach-segment.mjs", [JSON.stringify({ name: shm.name, track: false })])).toMatchObject({
    code: 0,
    stderr: "",
  });
  expect(there(shm.name)).toBe(true);
  shm.unlink();
});

// 171 _TestSharedMemory.test_shared_memory_tracking
test("an unrelated program that attached with tracking takes the segment with it", async () => {
  using shm = new SharedMemory({ create: true, size: 8, track: false });
  const { stderr } = await run("attach-segment.mjs", [JSON.stringify({ name: shm.name, track: true })]);
  expect(stderr).toContain(leaked(1));
  expect(there(shm.name)).toBe(false);
});

// 215 TestResourceTracker.test_resource_tracker
test("what is gone already is told by name, and the rest is removed all the same", async () => {
  const { child, names, ended } = await creator({ count: 2 });
  unlinkSync(`/dev/shm/${names[0]}`);
  child.kill("SIGTERM");
  const { stderr } = await ended;
  expect(stderr).toContain(leaked(2));
  expect(stderr).toContain(`"${names[0]}": ENOENT`);
  expect(there(names[1]!)).toBe(false);
});

// 216, 217 TestResourceTracker.test_resource_tracker_sigint, test_resource_tracker_sigterm
test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s does not stop the tracker", async (signal) => {
  const { child, names, tracker, ended } = await creator({});
  await untilCatches(tracker!);
  process.kill(tracker!, signal);
  child.kill("SIGKILL");
  expect((await ended).stderr).toContain(leaked(1));
  expect(there(names[0]!)).toBe(false);
});

// 218 TestResourceTracker.test_resource_tracker_sigkill
test("a tracker that was killed is started again, and knows what it knew", () => {
  const first = new SharedMemory({ create: true, size: 8 });
  const pid = trackerPid()!;
  process.kill(pid, "SIGKILL");
  untilGone(pid);
  const second = new SharedMemory({ create: true, size: 8 });
  expect(trackerPid()).not.toBe(pid);
  for (const shm of [first, second]) {
    shm.close();
    shm.unlink();
  }
  // 221 TestResourceTracker.test_resource_tracker_exit_code
  expect(stopTracker()).toBe(0);
});

// 221 TestResourceTracker.test_resource_tracker_exit_code
test("the tracker's exit code is 1 when something was left", () => {
  const shm = new SharedMemory({ create: true, size: 8 });
  shm.close();
  expect(stopTracker()).toBe(1);
  expect(there(shm.name)).toBe(false);
});

// 219 TestResourceTracker.test_resource_tracker_reused
test("a child of the tree uses its tracker, and what it made outlives it", async () => {
  const mine = new SharedMemory({ create: true, size: 8 });
  const { child, names, tracker, ended } = await creator({}, trackerEnvironment());
  expect(tracker).toBeNull();
  child.kill("SIGKILL");
  expect((await ended).stderr).toBe("");
  const its = new SharedMemory({ name: names[0]! });
  for (const shm of [mine, its]) {
    shm.close();
    shm.unlink();
  }
  expect(stopTracker()).toBe(0);
});

test("a child of the tree starts the tracker if it is the first to need one, and what it made outlives it", async () => {
  const { child, names, tracker, ended } = await creator({}, trackerEnvironment());
  expect(tracker).not.toBeNull();
  const its = new SharedMemory({ name: names[0]! });
  expect(trackerPid()).toBeUndefined();
  child.kill("SIGKILL");
  its.unlink();
  its.close();
  stopTracker();
  process.kill(tracker!, "SIGKILL"); // it would wait for this process, the root of the tree
  expect((await ended).stderr).toBe("");
});

const forking = { flags: ["--single-threaded", "--v8-pool-size=0"] };

// 224 TestResourceTracker.test_resource_tracker_mp_fork_reuse_and_prompt_reap, 226 test_resource_tracker_lock_reinit_after_fork
test("a forked child talks to its parent's tracker over the same connection, at the same time, and it ends after them", async () => {
  const { code, stdout, stderr } = await run("fork-beside-tracker.mjs", [], forking);
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toEqual({ status: 0, same: true, exit: 0 });
});

// 225 TestResourceTracker.test_resource_tracker_raw_fork_prompt_reap
test("a forked child that lives on keeps neither its parent from ending nor, once it is gone, the tracker", async () => {
  const { child, line, ended } = start("fork-beside-tracker.mjs", ["outlive"], forking);
  const exited = once(child, "exit");
  const { name, pid } = JSON.parse(await line());
  expect(await exited).toEqual([0, null]);
  expect(there(name)).toBe(true); // the child may use it
  process.kill(pid, "SIGKILL");
  expect((await ended).stderr).toContain(leaked(1));
  expect(there(name)).toBe(false);
});

async function untilCatches(pid: number): Promise<void> {
  const caught = () => {
    const mask = /^SigCgt:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]!;
    // Node itself catches SIGINT and SIGTERM while it boots; SIGHUP only our program does.
    return (BigInt(`0x${mask}`) >> BigInt(constants.signals.SIGHUP - 1)) & 1n;
  };
  while (!caught()) await new Promise((resolve) => setImmediate(resolve));
}

/** Until every thread of it has ended, and so closed its sockets. */
function untilGone(pid: number): void {
  const pidfd = native.pidfdOpen(pid);
  native.poll(Int32Array.of(pidfd, 1, 0), 1, -1);
  native.close(pidfd);
}
