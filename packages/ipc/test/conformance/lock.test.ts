import { inspect } from "node:util";
import { Lock, RLock, SharedArray } from "@cordage/ipc";
import { until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { Peer, peerKinds } from "../support/peer.js";

const code = (code: string) => expect.objectContaining({ code });

describe.each([Lock, RLock])("%p", (Cls) => {
  // 45 _TestLock.test_lock, 48 test_rlock
  test("is held by one and says so", async () => {
    const lock = new Cls();
    expect(await lock.acquire()).toBe(true);
    expect(lock.locked()).toBe(true);
    expect(lock.release()).toBeUndefined();
    expect(lock.locked()).toBe(false);
    expect(lock.acquireSync()).toBe(true);
    lock.release();
    expect(lock.tryAcquire()).toBe(true);
    lock.release();
    expect(() => lock.release()).toThrow(code(Cls === Lock ? "ERR_LOCK_NOT_HELD" : "ERR_LOCK_NOT_OWNED"));
  });

  // 50 _TestLock.test_lock_context, 51 test_rlock_context
  test("is held for the length of a block, once", async () => {
    const lock = new Cls();
    {
      using held = lock.holdSync();
      expect(lock.locked()).toBe(true);
      held[Symbol.dispose]();
      expect(lock.locked()).toBe(false);
    }
    {
      using _held = await lock.hold();
      expect(lock.locked()).toBe(true);
    }
    expect(lock.locked()).toBe(false);
  });

  describe.each(peerKinds)("and a %s", (kind) => {
    // 46 _TestLock.test_lock_locked_2processes, 49 test_rlock_locked_2processes
    test("is locked for both when one holds it", async () => {
      const lock = new Cls();
      const peer = await Peer.start(kind, lock);
      expect(await peer.run(([lock]) => lock.acquireSync() && lock.locked())).toBe(true);
      expect(lock.locked()).toBe(true);
      expect(lock.tryAcquire()).toBe(false);
      expect(lock.acquireSync({ timeout: 0 })).toBe(false);
      expect(lock.acquireSync({ timeout: 5 })).toBe(false);
      expect(await lock.acquire({ timeout: 5 })).toBe(false);
      await peer.run(([lock]) => lock.release());
      expect(lock.acquireSync()).toBe(true);
    });

    test("goes to the one who waits, in either form", async () => {
      const lock = new Cls();
      const peer = await Peer.start(kind, lock);
      await peer.run(([lock]) => lock.acquire());
      const acquired = lock.acquire();
      await peer.run(([lock]) => lock.release());
      expect(await acquired).toBe(true);
      const blocked = peer.run(([lock]) => lock.acquireSync());
      lock.release();
      expect(await blocked).toBe(true);
      const late = peer.run(([lock]) => void setTimeout(() => lock.release(), 20));
      expect(lock.acquireSync()).toBe(true);
      await late;
    });

    test("lets a wait be cancelled, and the lock is none the worse", async () => {
      const lock = new Cls();
      const peer = await Peer.start(kind, lock);
      await peer.run(([lock]) => lock.acquire());
      const abort = new AbortController();
      const cancelled = lock.acquire({ signal: abort.signal });
      abort.abort(new Error("enough"));
      await expect(cancelled).rejects.toThrow("enough");
      await expect(lock.hold({ timeout: 1 })).rejects.toThrow(code("ERR_TIMEOUT"));
      expect(() => lock.holdSync({ timeout: 1 })).toThrow(code("ERR_TIMEOUT"));
      await peer.run(([lock]) => lock.release());
      expect(await lock.acquire()).toBe(true);
    });

    test("keeps two apart that count in steps", async () => {
      const lock = new Cls();
      const count = new SharedArray(Int32Array, 1, { lock: false });
      const peers = await Promise.all([Peer.start(kind, lock, count), Peer.start(kind, lock, count)]);
      const counting = peers.map((peer) =>
        peer.run(([lock, count]) => {
          for (let i = 0; i < 20_000; i++) {
            lock.acquireSync();
            count.array[0]!++;
            lock.release();
          }
        }),
      );
      await Promise.all(counting);
      expect(count.array[0]).toBe(40_000);
      expect(lock.locked()).toBe(false);
    });
  });

  test.each([["5"], [Number.NaN]])("refuses a timeout of %p", async (timeout) => {
    const lock = new Cls();
    const options = { timeout } as { timeout: number };
    await expect(lock.acquire(options)).rejects.toThrow(/timeout must be a number/);
    expect(() => lock.acquireSync(options)).toThrow(/timeout must be a number/);
  });
});

test("a Lock may be released by another party than its holder", async () => {
  const lock = new Lock();
  const peer = await Peer.start("process", lock);
  await peer.run(([lock]) => lock.acquire());
  lock.release();
  expect(await peer.run(([lock]) => lock.locked())).toBe(false);
});

// 48 _TestLock.test_rlock
test("an RLock is free after as many releases as acquisitions", async () => {
  const lock = new RLock();
  await lock.acquire();
  expect(lock.acquireSync()).toBe(true);
  expect(lock.tryAcquire()).toBe(true);
  for (let i = 0; i < 3; i++) {
    expect(lock.locked()).toBe(true);
    lock.release();
  }
  expect(lock.locked()).toBe(false);
  expect(() => lock.release()).toThrow(code("ERR_LOCK_NOT_OWNED"));
});

test.each(peerKinds)("an RLock is not released by a %s that does not own it", async (kind) => {
  const lock = new RLock();
  const peer = await Peer.start(kind, lock);
  lock.acquireSync();
  await expect(peer.run(([lock]) => lock.release())).rejects.toThrow(code("ERR_LOCK_NOT_OWNED"));
  expect(lock.locked()).toBe(true);
});

test("two waits of one thread for an RLock both succeed once it is theirs", async () => {
  const lock = new RLock();
  const peer = await Peer.start("process", lock);
  await peer.run(([lock]) => lock.acquire());
  const both = Promise.all([lock.acquire(), lock.acquire()]);
  await peer.run(([lock]) => lock.release());
  expect(await both).toEqual([true, true]);
  expect(String(lock)).toBe("<RLock(MainProcess, 2)>");
});

// 44 _TestLock.test_repr_lock, 47 test_repr_rlock
test("a lock prints who holds it", async () => {
  const lock = new Lock();
  expect(inspect(lock)).toBe("<Lock(owner=None)>");
  lock.acquireSync();
  expect(inspect(lock)).toBe("<Lock(owner=MainProcess)>");
  lock.release();
  const [child, worker] = [await Peer.start("process", lock), await Peer.start("thread", lock)];
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
  const [child, worker] = [await Peer.start("process", lock), await Peer.start("thread", lock)];
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
      const holder = await Peer.start(kind, lock);
      const others = await Promise.all([Peer.start("process", lock), Peer.start("thread", lock)]);
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
    const holder = await Peer.start(kind, lock);
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

  test("while it waits does not take the lock along", async () => {
    const lock = new Lock();
    const waiter = await Peer.start(kind, lock);
    lock.acquireSync();
    void waiter.run(([lock]) => lock.acquire());
    await waiter.run(() => {}); // it is waiting by now
    const own = lock.acquire();
    await waiter.kill();
    lock.release();
    expect(await own).toBe(true);
  });
});
