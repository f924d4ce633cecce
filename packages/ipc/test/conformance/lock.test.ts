import { inspect } from "node:util";
import { Lock, RLock } from "@cordage/ipc";
import { until } from "@cordage/test-support";
import { lockLaws, peerKinds } from "@cordage/test-support/laws";
import { describe, expect, test } from "@jest/globals";
import { startPeer } from "../support/peer.js";
import { world } from "../support/world.js";

const code = (code: string) => expect.objectContaining({ code });

lockLaws(world);

// 44 _TestLock.test_repr_lock, 47 test_repr_rlock
test("a lock prints who holds it", async () => {
  const lock = new Lock();
  expect(inspect(lock)).toBe("<Lock(owner=None)>");
  lock.acquireSync();
  expect(inspect(lock)).toBe("<Lock(owner=MainProcess)>");
  lock.release();
  const [child, worker] = [await startPeer("process", lock), await startPeer("thread", lock)];
  await child.run(([lock]) => lock.acquireSync());
  expect(`${lock}`).toBe("<Lock(owner=SomeOtherProcess)>");
  await child.run(([lock]) => lock.release());
  expect(await worker.run(([lock]) => lock.acquireSync() && String(lock))).toMatch(
    /^<Lock\(owner=MainProcess\|Thread-\d+\)>$/,
  );
  expect(`${lock}`).toBe("<Lock(owner=SomeOtherThread)>");
});

test("an RLock prints who holds it, and how deep", async () => {
  const lock = new RLock();
  expect(inspect(lock)).toBe("<RLock(None, 0)>");
  for (let i = 0; i < 3; i++) lock.acquireSync();
  expect(inspect(lock)).toBe("<RLock(MainProcess, 3)>");
  for (let i = 0; i < 3; i++) lock.release();
  const [child, worker] = [await startPeer("process", lock), await startPeer("thread", lock)];
  await child.run(([lock]) => lock.acquireSync());
  expect(`${lock}`).toBe("<RLock(SomeOtherProcess, nonzero)>");
  await child.run(([lock]) => lock.release());
  expect(await worker.run(([lock]) => lock.acquireSync() && String(lock))).toMatch(
    /^<RLock\(MainProcess\|Thread-\d+, 1\)>$/,
  );
  expect(`${lock}`).toBe("<RLock(SomeOtherThread, nonzero)>");
});

describe.each(peerKinds)("a %s that dies", (kind) => {
  test.each([Lock, RLock])(
    "holding a %p gives exactly one waiter OwnerDiedError, and the others the lock",
    async (Cls) => {
      const lock = new Cls();
      const holder = await startPeer(kind, lock);
      const others = await Promise.all([startPeer("process", lock), startPeer("thread", lock)]);
      await holder.run(([lock]) => lock.acquireSync() && (lock.constructor.name !== "RLock" || lock.acquireSync()));
      const waits = others.map((peer) => peer.run(([lock]) => (lock.acquireSync() ? lock.release() : undefined)));
      const own = lock.acquire().then(() => lock.release());
      const outcomes = Promise.allSettled([...waits, own]);
      await holder.kill();
      const failed = (await outcomes).filter((one) => one.status === "rejected");
      expect(failed).toEqual([{ status: "rejected", reason: code("ERR_OWNER_DIED") }]);
      expect(lock.locked()).toBe(false);
      expect(lock.tryAcquire()).toBe(true);
      lock.release();
      expect(lock.locked()).toBe(false);
    },
  );

  test.each([Lock, RLock])("holding a %p is noticed by tryAcquire too", async (Cls) => {
    const lock = new Cls();
    const holder = await startPeer(kind, lock);
    await holder.run(([lock]) => lock.acquireSync());
    await holder.kill();
    const attempt = () => {
      try {
        return lock.tryAcquire();
      } catch (error) {
        return error;
      }
    };
    expect(await until(attempt)).toEqual(code("ERR_OWNER_DIED"));
    expect(lock.tryAcquire()).toBe(true);
  });
});
