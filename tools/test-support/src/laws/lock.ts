/** What every Lock and RLock obeys. */
import { describe, expect, test } from "@jest/globals";
import { code } from "./expectations.js";
import { scaled, type World } from "./world.js";

type Name = "Lock" | "RLock";
const refusals = { Lock: "ERR_LOCK_NOT_HELD", RLock: "ERR_LOCK_NOT_OWNED" };

export function lockLaws(world: World): void {
  describe.each<Name>(["Lock", "RLock"])("%s", (name) => {
    lawsOfHolding(world, name);
    describe.each(world.kinds)("and a %s", (kind) => {
      lawsOfSharing(world, name, kind);
      lawsOfWaiting(world, name, kind);
    });
  });
  describe.each(world.kinds)("with a %s", (kind) => {
    lawsOfOwners(world, kind);
  });
  lawOfDepth(world);
}

function lawsOfHolding(world: World, name: Name): void {
  // 45 _TestLock.test_lock, 48 test_rlock
  test("is held by one and says so", async () => {
    const lock = await world[name]();
    expect(await lock.acquire()).toBe(true);
    expect(lock.locked()).toBe(true);
    expect(lock.release()).toBeUndefined();
    expect(lock.locked()).toBe(false);
    expect(lock.acquireSync()).toBe(true);
    lock.release();
    expect(lock.tryAcquire()).toBe(true);
    lock.release();
    expect(() => lock.release()).toThrow(code(refusals[name]));
  });

  // 50 _TestLock.test_lock_context, 51 test_rlock_context
  test("is held for the length of a block, once", async () => {
    const lock = await world[name]();
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

  test.each([["5"], [Number.NaN]])("refuses a timeout of %p", async (timeout) => {
    const lock = await world[name]();
    const options = { timeout } as { timeout: number };
    await expect(lock.acquire(options)).rejects.toThrow(/timeout must be a number/);
    expect(() => lock.acquireSync(options)).toThrow(/timeout must be a number/);
  });
}

function lawsOfSharing(world: World, name: Name, kind: string): void {
  // 46 _TestLock.test_lock_locked_2processes, 49 test_rlock_locked_2processes
  test("is locked for both when one holds it", async () => {
    const lock = await world[name]();
    const peer = await world.start(kind, lock);
    expect(await peer.run(([lock]) => lock.acquireSync() && lock.locked())).toBe(true);
    expect(lock.locked()).toBe(true);
    expect(lock.tryAcquire()).toBe(false);
    expect(lock.acquireSync({ timeout: 0 })).toBe(false);
    expect(lock.acquireSync({ timeout: 5 })).toBe(false);
    expect(await lock.acquire({ timeout: 5 })).toBe(false);
    await peer.run(([lock]) => lock.release());
    expect(lock.acquireSync()).toBe(true);
  });

  test("keeps two apart that count in steps", async () => {
    const rounds = scaled(world, 20_000);
    const lock = await world[name]();
    const count = world.SharedArray(1);
    const peers = await Promise.all([world.start(kind, lock, count), world.start(kind, lock, count)]);
    const counting = peers.map((peer) =>
      peer.run(([lock, count], rounds) => {
        for (let i = 0; i < rounds; i++) {
          lock.acquireSync();
          count.array[0]!++;
          lock.release();
        }
      }, rounds),
    );
    await Promise.all(counting);
    expect(count.array[0]).toBe(2 * rounds);
    expect(lock.locked()).toBe(false);
  });
}

function lawsOfWaiting(world: World, name: Name, kind: string): void {
  test("goes to the one who waits, in either form", async () => {
    const lock = await world[name]();
    const peer = await world.start(kind, lock);
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
    const lock = await world[name]();
    const peer = await world.start(kind, lock);
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
}

function lawsOfOwners(world: World, kind: string): void {
  test("a Lock may be released by another party than its holder", async () => {
    const lock = await world.Lock();
    const peer = await world.start(kind, lock);
    await peer.run(([lock]) => lock.acquire());
    lock.release();
    expect(await peer.run(([lock]) => lock.locked())).toBe(false);
  });

  test("a Lock is not taken along by one who dies waiting for it", async () => {
    const lock = await world.Lock();
    const waiter = await world.start(kind, lock);
    lock.acquireSync();
    void waiter.run(([lock]) => lock.acquire());
    await waiter.run(() => {}); // it is waiting by now
    const own = lock.acquire();
    await waiter.kill();
    lock.release();
    expect(await own).toBe(true);
  });

  test("an RLock is not released by who does not own it", async () => {
    const lock = await world.RLock();
    const peer = await world.start(kind, lock);
    lock.acquireSync();
    await expect(peer.run(([lock]) => lock.release())).rejects.toThrow(code("ERR_LOCK_NOT_OWNED"));
    expect(lock.locked()).toBe(true);
  });

  test("two waits of one thread for an RLock both succeed once it is theirs", async () => {
    const lock = await world.RLock();
    const peer = await world.start(kind, lock);
    await peer.run(([lock]) => lock.acquire());
    const both = Promise.all([lock.acquire(), lock.acquire()]);
    await peer.run(([lock]) => lock.release());
    expect(await both).toEqual([true, true]);
    lock.release();
    expect(lock.locked()).toBe(true);
    lock.release();
    expect(lock.locked()).toBe(false);
  });
}

function lawOfDepth(world: World): void {
  // 48 _TestLock.test_rlock
  test("an RLock is free after as many releases as acquisitions", async () => {
    const lock = await world.RLock();
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
}
