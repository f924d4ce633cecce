/** Locks: a semaphore of one, and the lock of one owner. Source: LockTests and RLockTests of CPython's lock_tests; gevent's test__lock. */
import { GreenletExit, idle, joinAll, lock, sleep, spawn, Timeout } from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { green } from "../support/green.js";

const { BoundedSemaphore, RLock } = lock;
const kinds = Object.entries({ BoundedSemaphore, RLock });

describe.each(kinds)("a %s as a lock", (_, Kind) => {
  // 350 BaseLockTests.test_constructor, 351 BaseLockTests.test_acquire_destroy, 352 BaseLockTests.test_acquire_release
  test("is acquired and released, outside of greenlets, too", () => {
    const one = new Kind();
    expect([one.locked(), one.acquire(), one.locked()]).toEqual([false, true, true]);
    one.release();
    expect(one.locked()).toBe(false);
    new Kind().acquire();
  });

  // 354 BaseLockTests.test_try_acquire_contended
  green("is refused to another greenlet while it is held", () => {
    const one = new Kind();
    one.acquire();
    const other = spawn(() => [one.tryAcquire(), one.acquire({ timeout: 0 }), one.acquire({ timeout: 1 })]);
    expect(other.get()).toEqual([false, false, false]);
    one.release();
    expect(spawn(() => one.tryAcquire()).get()).toBe(true);
  });

  // 355 BaseLockTests.test_acquire_contended
  green("is given to those who wait, one after the other, in their order", () => {
    const one = new Kind();
    one.acquire();
    const seen: number[] = [];
    const all = [1, 2, 3, 4, 5].map((i) =>
      spawn(() => {
        one.acquire();
        seen.push(i);
        sleep(0);
        seen.push(i);
        one.release();
      }),
    );
    idle();
    expect(seen).toEqual([]);
    one.release();
    joinAll(all);
    expect([seen, one.locked()]).toEqual([[1, 1, 2, 2, 3, 3, 4, 4, 5, 5], false]);
  });

  // 356 BaseLockTests.test_with
  green("is held until the end of a block, however that ends", () => {
    const one = new Kind();
    const hold = (error?: Error) => {
      using _held = one.hold();
      expect(spawn(() => one.tryAcquire()).get()).toBe(false);
      if (error) throw error;
    };
    hold();
    expect(() => hold(new RangeError("expected"))).toThrow(RangeError);
    expect(one.locked()).toBe(false);
  });

  green("is released once by a hold that is disposed twice", () => {
    const one = new Kind();
    const held = one.hold();
    held[Symbol.dispose]();
    one.acquire();
    held[Symbol.dispose]();
    expect(one.locked()).toBe(true);
  });

  green("goes on to the next if who is given it is killed before his turn", () => {
    const one = new Kind();
    one.acquire();
    const [first, second] = [1, 2].map(() => spawn(() => one.acquire()));
    sleep(0);
    first!.kill(GreenletExit, { block: false });
    one.release();
    expect([first!.get(), second!.get(), one.locked()]).toEqual([expect.any(GreenletExit), true, true]);
  });

  green("is still locked while it is on its way to the next", () => {
    const one = new Kind();
    one.acquire();
    const next = spawn(() => one.acquire());
    sleep(0);
    one.release();
    expect([one.locked(), one.tryAcquire(), next.get()]).toEqual([true, false, true]);
  });
});

describe("a plain lock", () => {
  // 359 LockTests.test_different_thread
  green("may be released by another greenlet", () => {
    const one = new BoundedSemaphore(1);
    spawn(() => one.acquire()).join();
    one.release();
    expect([one.acquire(), one.tryAcquire()]).toEqual([true, false]);
  });
});

describe("an RLock", () => {
  // 360 RLockTests.test_reacquire
  green("is acquired again by its owner, and released as often", () => {
    const one = new RLock();
    const other = () =>
      spawn(() => {
        const acquired = one.tryAcquire();
        if (acquired) one.release();
        return acquired;
      }).get();
    one.acquire();
    one.acquire({ timeout: 0 });
    one.release();
    expect([one.tryAcquire(), other()]).toEqual([true, false]);
    one.release();
    expect(other()).toBe(false);
    one.release();
    expect([other(), one.locked()]).toEqual([true, false]);
  });

  // 361 RLockTests.test_release_unacquired
  green("that nobody holds is not released", () => {
    const one = new RLock();
    const refused = () => thrownBy(() => one.release()).code;
    expect(refused()).toBe("ERR_LOCK_NOT_HELD");
    for (let i = 0; i < 3; i++) one.acquire();
    for (let i = 0; i < 3; i++) one.release();
    expect([refused(), one.locked(), one.tryAcquire()]).toEqual(["ERR_LOCK_NOT_HELD", false, true]);
  });

  // 362 RLockTests.test_different_thread
  green("is not released by another one than its owner", () => {
    const one = new RLock();
    one.acquire();
    const other = spawn(() => thrownBy(() => one.release()));
    expect(other.get()).toMatchObject({ code: "ERR_LOCK_NOT_OWNED" });
    expect(one.locked()).toBe(true);
    one.release();
  });

  green("throws a timeout of one's own", () => {
    const one = new RLock();
    spawn(() => one.acquire()).join();
    const own = new Timeout(1);
    expect(thrownBy(() => one.acquire({ timeout: own }))).toBe(own);
  });
});
