/** A child process edits what proxies stand for, and the parent sees it: TestSyncManagerTypes. */
import { LockError } from "@cordage/ipc";
import { type BaseProxy, SyncManager } from "@cordage/manager";
import { Process } from "@cordage/process";
import { describe, expect, test } from "@jest/globals";
import * as children from "../fixtures/children.mjs";
import { square } from "../fixtures/functions.mjs";
import { pushes } from "../fixtures/knows-no-manager.mjs";
import { refused } from "../support/failures.js";
import { startedManager } from "../support/managers.js";

const manager = startedManager(new SyncManager({ functions: [square] }));

/** Runs a function in a child, which must find what it expects. */
async function inChild(target: (...args: any[]) => unknown, ...args: [BaseProxy, ...unknown[]]): Promise<void> {
  const child = new Process({ target, args });
  child.start();
  await child.join();
  expect(child.exitcode).toBe(0);
}

describe("a child", () => {
  // 234 TestSyncManagerTypes.test_lock
  test("acquires a Lock, and ends: the parent may release it once", async () => {
    const lock = await manager.Lock();
    await inChild(children.acquires, lock);
    await lock.release();
    await refused(lock.release(), LockError, "ERR_LOCK_NOT_HELD");
  });

  // 235 TestSyncManagerTypes.test_rlock
  test("acquires an RLock twice, and releases it", async () => {
    const lock = await manager.RLock();
    await inChild(children.acquiresAndReleases, lock);
    expect(await lock.tryAcquire()).toBe(true);
  });

  // 236 TestSyncManagerTypes.test_semaphore, 237 TestSyncManagerTypes.test_bounded_semaphore
  test.each(["Semaphore", "BoundedSemaphore"] as const)("acquires a %s, and the parent releases it", async (type) => {
    const semaphore = await manager[type]();
    await inChild(children.acquires, semaphore);
    await semaphore.release();
    expect(await semaphore.getValue()).toBeGreaterThanOrEqual(1);
    expect(await semaphore.tryAcquire()).toBe(true);
  });

  // 239 TestSyncManagerTypes.test_barrier
  test("reads the parties of a Barrier, and resets it", async () => {
    const barrier = await manager.Barrier(5);
    await inChild(children.resets, barrier);
    expect([await barrier.broken(), await barrier.nWaiting()]).toEqual([false, 0]);
  });

  // 240 TestSyncManagerTypes.test_pool
  test("calls functions by a Pool that the parent made", async () => {
    const pool = await manager.Pool(1);
    await inChild(children.calls, pool, new URL("../fixtures/functions.mjs#square", import.meta.url));
    expect(await pool.apply(square, [3])).toBe(9);
    await pool.terminate();
    await pool.join();
  });

  // 241 TestSyncManagerTypes.test_queue
  test("empties a Queue", async () => {
    const queue = await manager.Queue(2);
    await queue.put(5);
    await queue.put(6);
    await inChild(children.empties, queue);
    expect([await queue.empty(), await queue.full(), await queue.qsize()]).toEqual([true, false, 0]);
  });

  // 242 TestSyncManagerTypes.test_joinable_queue
  test("finishes what is in a JoinableQueue", async () => {
    const queue = await manager.JoinableQueue(2);
    queue.sync.put(5);
    queue.sync.put(6);
    await inChild(children.finishes, queue);
    await queue.join();
    expect([queue.sync.empty(), queue.sync.full()]).toEqual([true, false]);
  });

  test("edits a list", async () => {
    const list = await manager.list<any>([0, 1, 2, 3]);
    await inChild(children.editsList, list);
    expect(await list.getValue()).toEqual([3, 1, "zero"]);
  });

  // 244 TestSyncManagerTypes.test_dict
  test("edits a dict", async () => {
    const dict = await manager.dict({ a: 1, b: 2 });
    await inChild(children.editsDict, dict);
    expect([await dict.size(), await dict.getValue()]).toEqual([0, {}]);
  });

  test("edits a set", async () => {
    const set = await manager.set([1, 2]);
    await inChild(children.editsSet, set);
    expect(await set.getValue()).toEqual(new Set([2, 3, 4]));
  });

  // 245 TestSyncManagerTypes.test_value
  test("sets a Value", async () => {
    const value = await manager.Value("int32", 1);
    await inChild(children.setsValue, value);
    expect([value.sync.value, await value.get()]).toEqual([3, 3]);
  });

  // 246 TestSyncManagerTypes.test_array
  test("reads and sets an Array", async () => {
    const array = await manager.Array("int32", [0, 1]);
    await inChild(children.setsItems, array);
    expect(await array.getValue()).toEqual(Int32Array.of(7, 8));
  });

  // 247 TestSyncManagerTypes.test_namespace
  test("reads, sets and deletes names of a Namespace", async () => {
    const namespace = await manager.Namespace<any>({ x: 0, y: 1 });
    await inChild(children.setsNames, namespace);
    expect([namespace.sync.x, await namespace.has("y")]).toEqual(["changed", false]);
  });

  test("receives a proxy, though its module does not know of managers", async () => {
    const list = await manager.list<string>();
    await inChild(pushes, list);
    expect(await list.getValue()).toEqual(["pushed"]);
  });

  test("edits what is within a container, as several do at a time", async () => {
    const inner = await manager.dict<number>();
    const outer = await manager.list([inner]);
    await Promise.all([inChild(children.addsTo, (await outer.get(0))!), inChild(children.addsTo, inner)]);
    expect([await inner.get("answer"), inner.sync.child]).toEqual([42, expect.any(Number)]);
  });
});
