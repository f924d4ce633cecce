/** Semaphores. Source: eventlet's semaphore_test. */
import { BoundedSemaphore, CappedSemaphore, Event, Semaphore, sleep, spawn, Timeout } from "@cordage/eventlet";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green, greenEach, numbers, onTheHub } from "../support/green.js";

describe("a Semaphore", () => {
  // 114 TestSemaphore.test_timeout
  green("that has no permit in time says so", () => {
    const semaphore = new Semaphore(0);
    const began = performance.now();
    expect(semaphore.acquire({ timeout: 20 })).toBe(false);
    expect(performance.now() - began).toBeGreaterThanOrEqual(19);
    expect([semaphore.tryAcquire(), semaphore.balance]).toEqual([false, 0]);
  });

  // 116 test_semaphore_contention
  green("is fair: two who contend have it equally often", () => {
    const semaphore = new Semaphore(1);
    const counts = [0, 0];
    const stop = new Event();
    const workers = [0, 1].map((i) =>
      spawn(() => {
        while (!stop.ready()) {
          using _ = semaphore.hold();
          sleep(0);
          counts[i]!++;
        }
      }),
    );
    while (counts[0]! + counts[1]! < 200) sleep(0);
    stop.send();
    for (const one of workers) one.wait();
    expect(Math.abs(counts[0]! - counts[1]!)).toBeLessThanOrEqual(2);
  });

  // 117 test_semaphore_type_check
  greenEach([[0], [1], [1e2]], "may have %p permits", (value) => {
    expect(new Semaphore(value).counter).toBe(value);
  });

  green("has a balance: what is left, or how many wait", () => {
    const semaphore = new Semaphore(2);
    const gates = numbers(4).map(() => new Event());
    const all = gates.map((gate) =>
      spawn(() => {
        using _ = semaphore.hold();
        gate.wait();
      }),
    );
    expect([semaphore.balance, semaphore.bounded(), semaphore.locked()]).toEqual([2, false, false]);
    sleep(0);
    expect([semaphore.balance, semaphore.locked()]).toEqual([-2, true]);
    for (const [i, gate] of gates.entries()) {
      gate.send();
      all[i]!.wait();
      expect(semaphore.balance).toBe(i - 1);
    }
  });

  green("of a bounded kind cannot be released more often than it was acquired", () => {
    const semaphore = new BoundedSemaphore(1);
    expect(semaphore).toBeInstanceOf(Semaphore);
    expect(thrownBy(() => semaphore.release())).toMatchObject({ code: "ERR_SEMAPHORE_OVER_RELEASE" });
    semaphore.acquire();
    semaphore.release();
    expect(semaphore.balance).toBe(1);
  });
});

describe("a CappedSemaphore", () => {
  // 111 TestSemaphore.test_bounded
  green("has acquire wait below 0, and release above its limit", () => {
    const semaphore = new CappedSemaphore(2, 3);
    expect([semaphore.acquire(), semaphore.acquire()]).toEqual([true, true]);
    const releasing = spawn(() => semaphore.release());
    expect(semaphore.acquire()).toBe(true);
    expect(semaphore.balance).toBe(-3);
    for (const _ of numbers(3)) expect(semaphore.release()).toBe(true);
    const acquiring = spawn(() => semaphore.acquire());
    expect(semaphore.bounded()).toBe(true);
    semaphore.release();
    expect([semaphore.balance, releasing.wait(), acquiring.wait()]).toEqual([3, true, true]);
  });

  // 112 TestSemaphore.test_bounded_with_zero_limit
  green("of no permits has the two meet", () => {
    const semaphore = new CappedSemaphore(0, 0);
    expect([semaphore.locked(), semaphore.bounded(), semaphore.balance]).toEqual([true, true, 0]);
    const acquiring = spawn(() => semaphore.acquire());
    semaphore.release();
    expect(acquiring.wait()).toBe(true);
    const releasing = spawn(() => semaphore.release());
    sleep(0);
    expect([semaphore.locked(), semaphore.balance, semaphore.tryRelease()]).toEqual([false, 2, false]);
    expect([semaphore.tryAcquire(), releasing.wait(), semaphore.tryAcquire()]).toEqual([true, true, false]);
  });

  green("gives up in time, in both directions, and nothing has changed", () => {
    const semaphore = new CappedSemaphore(1, 1);
    expect([semaphore.release({ timeout: 1 }), semaphore.balance]).toEqual([false, 1]);
    semaphore.acquire();
    expect([semaphore.acquire({ timeout: 1 }), semaphore.balance]).toEqual([false, -1]);
    const timeout = new Timeout(1);
    expect(thrownBy(() => semaphore.acquire())).toBe(timeout);
    expect([semaphore.tryRelease(), semaphore.tryRelease(), semaphore.balance]).toEqual([true, false, 1]);
  });

  green("passes on what somebody was given who is killed before he has it", () => {
    const semaphore = new CappedSemaphore(0, 1);
    const [dying, living] = [spawn(() => semaphore.acquire()), spawn(() => semaphore.acquire())];
    sleep(0);
    expect(semaphore.balance).toBe(-5);
    semaphore.release();
    dying.kill();
    expect([living.wait(), semaphore.locked()]).toEqual([true, true]);
    const alone = spawn(() => semaphore.acquire());
    sleep(0);
    semaphore.release();
    alone.kill();
    expect([semaphore.tryAcquire(), semaphore.locked()]).toEqual([true, true]);
  });

  green("with a permit too many, of one who was killed, has none released into it", () => {
    const semaphore = new CappedSemaphore(0, 0);
    const dying = spawn(() => semaphore.acquire());
    sleep(0);
    semaphore.release();
    dying.kill();
    const releasing = spawn(() => semaphore.release());
    sleep(0);
    expect([semaphore.tryAcquire(), releasing.dead]).toEqual([true, false]);
    expect([semaphore.tryAcquire(), releasing.wait(), semaphore.tryAcquire()]).toEqual([true, true, false]);
  });

  green("may be held for a block, at whose end it waits for room", () => {
    const semaphore = new CappedSemaphore(1, 1);
    const holder = spawn(() => {
      using _ = semaphore.hold();
      semaphore.release();
    });
    sleep(0);
    expect([holder.dead, semaphore.balance]).toEqual([false, 3]);
    semaphore.acquire();
    holder.wait();
    expect(semaphore.balance).toBe(1);
  });

  green("is acquired and released anywhere if that need not wait", () => {
    const semaphore = new CappedSemaphore(1, 1);
    onTheHub(() => {
      expect([semaphore.acquire(), semaphore.release()]).toEqual([true, true]);
      expect(thrownBy(() => semaphore.release())).toMatchObject({ code: "ERR_NOT_IN_GREENLET" });
    });
    expect(String(semaphore)).toBe("<CappedSemaphore 1 of 1, balance 1>");
  });
});
