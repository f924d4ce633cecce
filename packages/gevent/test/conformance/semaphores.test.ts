/** Semaphores. Source: gevent's test__semaphore, and the semaphore tests of CPython's lock_tests. */
import { GreenletExit, idle, joinAll, lock, sleep, spawn, Timeout, wait } from "@cordage/gevent";
import { thrownBy, untilCollected } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { green } from "../support/green.js";

const { Semaphore, BoundedSemaphore } = lock;
const kinds = Object.entries({ Semaphore, BoundedSemaphore });

describe.each(kinds)("a %s", (_, Kind) => {
  // 372 BaseSemaphoreTests.test_constructor
  test("has no fewer permits than none", () => {
    expect(thrownBy(() => new Kind(-1))).toMatchObject({ code: "ERR_OUT_OF_RANGE" });
    expect([new Kind().counter, new Kind(0).counter, new Kind(5).counter]).toEqual([1, 0, 5]);
  });

  // 374 BaseSemaphoreTests.test_acquire_destroy, 179 TestSemaphore.test_semaphore_weakref
  test("may be forgotten while it is held", async () => {
    const forgotten = () => {
      const one = new Kind();
      one.acquire();
      return new WeakRef(one);
    };
    const ref = forgotten();
    expect(await untilCollected(async () => ref.deref() === undefined)).toBe(true);
  });

  // 177 TestSemaphore.test_acquire_returns_false_after_timeout
  green("says false if no permit was there in time, and has made none", () => {
    const one = new Kind(0);
    for (const timeout of [5, 0, -1]) expect(one.acquire({ timeout })).toBe(false);
    expect([one.counter, one.locked(), one.tryAcquire()]).toEqual([0, true, false]);
    const own = new Timeout(1);
    expect(thrownBy(() => one.acquire({ timeout: own }))).toBe(own);
    expect(one.counter).toBe(0);
  });

  // 376 BaseSemaphoreTests.test_try_acquire, 377 BaseSemaphoreTests.test_try_acquire_contended
  green("has so many permits", () => {
    const one = new Kind(4);
    one.acquire();
    const tries = Array.from({ length: 10 }, () => spawn(() => one.tryAcquire()));
    joinAll(tries);
    expect(tries.filter((g) => g.value)).toHaveLength(3);
    one.release();
    expect([one.tryAcquire(), one.tryAcquire()]).toEqual([true, false]);
  });

  // 375 BaseSemaphoreTests.test_acquire_contended
  green("lets as many on as were released", () => {
    const one = new Kind(7);
    one.acquire();
    let passed = 0;
    const all = Array.from({ length: 19 }, () =>
      spawn(() => {
        one.acquire();
        passed++;
      }),
    );
    const seen: number[] = [];
    for (const releases of [0, 7, 6]) {
      for (let i = 0; i < releases; i++) one.release();
      idle();
      seen.push(passed);
    }
    expect([seen, one.locked()]).toEqual([[6, 13, 19], true]);
    joinAll(all);
  });

  // 379 BaseSemaphoreTests.test_with
  green("is held until the end of a block, also after an error", () => {
    const one = new Kind(2);
    const failing = () => {
      using _first = one.hold();
      {
        using _second = one.hold();
        expect(one.tryAcquire()).toBe(false);
      }
      expect(one.counter).toBe(1);
      throw new RangeError("expected");
    };
    expect(failing).toThrow(RangeError);
    expect(one.counter).toBe(2);
  });

  // 181 TestSemaphore.test_rawlink_on_unacquired_runs_notifiers
  green("that is free is ready for wait()", () => {
    const one = new Kind(1);
    expect([wait([one]), one.counter]).toEqual([[one], 1]);
    one.acquire();
    expect(wait([one], { timeout: 1 })).toEqual([]);
    const waiter = spawn(() => wait([one]));
    idle();
    one.release();
    expect(waiter.get()).toEqual([one]);
  });

  // 190 TestSemaphoreFair.test_fair_or_hangs
  green("is fair: who waits gets it, however often others acquire and release", () => {
    const one = new Kind(1);
    const hold = () => {
      for (;;) {
        one.acquire();
        sleep(0);
        one.release();
      }
    };
    const greedy = [spawn(hold), spawn(hold)];
    sleep(0);
    const third = spawn(() => one.acquire());
    expect(third.get()).toBe(true);
    for (const g of greedy) g.kill();
    expect(third.dead).toBe(true);
  });

  green("passes a permit on whose taker is killed before his turn", () => {
    const one = new Kind(1);
    one.acquire();
    const [first, second] = [spawn(() => one.acquire()), spawn(() => one.acquire())];
    sleep(0);
    first.kill(GreenletExit, { block: false });
    one.release();
    expect([first.get(), second.get()]).toEqual([expect.any(GreenletExit), true]);
    one.release();
    expect(one.counter).toBe(1);
  });

  green("keeps a permit whose only taker is killed before his turn", () => {
    const one = new Kind(1);
    one.acquire();
    const taker = spawn(() => one.acquire());
    sleep(0);
    taker.kill(GreenletExit, { block: false });
    one.release();
    taker.join();
    expect([one.counter, one.tryAcquire(), one.tryAcquire()]).toEqual([1, true, false]);
  });

  // 1 _DelayWaitMixin.test_outer_timeout_is_not_lost
  green("is not waited for any more after a timeout around it", () => {
    const one = new Kind(1);
    one.acquire();
    const outer = Timeout.startNew(1);
    expect(thrownBy(() => one.acquire({ timeout: 1000 }))).toBe(outer);
    one.release();
    expect(one.counter).toBe(1);
  });
});

// 380 SemaphoreTests.test_release_unacquired
test("a Semaphore may be released more often than it was acquired", () => {
  const one = new Semaphore(1);
  one.release();
  expect([one.counter, one.tryAcquire(), one.tryAcquire(), one.tryAcquire()]).toEqual([2, true, true, false]);
});

// 381 BoundedSemaphoreTests.test_release_unacquired
test("a BoundedSemaphore may not", () => {
  const one = new BoundedSemaphore(1);
  expect(thrownBy(() => one.release())).toMatchObject({ code: "ERR_SEMAPHORE_OVER_RELEASE" });
  expect([one.counter, one.tryAcquire()]).toEqual([1, true]);
  one.release();
  expect(thrownBy(() => one.release())).toMatchObject({ code: "ERR_SEMAPHORE_OVER_RELEASE" });
});
