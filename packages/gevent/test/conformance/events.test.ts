/** Events. Source: gevent's test__event, and EventTests of CPython's lock_tests. */
import { event, idle, iwait, joinAll, spawn, Timeout, wait } from "@cordage/gevent";
import { thrownBy, untilCollected } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { green, greenEach } from "../support/green.js";

const { Event } = event;

describe("an event", () => {
  // 364 EventTests.test_is_set
  green("is set and cleared, as often as one likes", () => {
    const one = new Event();
    const seen = [one.isSet()];
    for (const step of ["set", "set", "clear", "clear"] as const) {
      one[step]();
      seen.push(one.isSet(), one.ready());
    }
    expect(seen).toEqual([false, true, true, true, true, false, false, false, false]);
  });

  // 365 EventTests.test_notify
  green("wakes all who wait, and those who come while it is set do not wait", () => {
    const one = new Event();
    for (let round = 0; round < 2; round++) {
      const waiters = Array.from({ length: 5 }, () => spawn(() => [one.wait(), one.wait({ timeout: 0 }), one.wait()]));
      idle();
      expect([waiters.some((w) => w.ready()), one.linkCount]).toEqual([false, 5]);
      one.set();
      for (const w of waiters) expect(w.get()).toEqual([true, true, true]);
      one.clear();
    }
  });

  // 366 EventTests.test_timeout, 2 AbstractGenericWaitTestCase.test_returns_none_after_timeout
  green("says whether it was set in time", () => {
    const one = new Event();
    expect([one.wait({ timeout: 0 }), one.wait({ timeout: 5 }), one.linkCount]).toEqual([false, false, 0]);
    one.set();
    expect([one.wait({ timeout: 0 }), one.wait({ timeout: 5 }), one.wait({ timeout: 2 ** 40 })]).toEqual([
      true,
      true,
      true,
    ]);
  });

  // 1 _DelayWaitMixin.test_outer_timeout_is_not_lost
  green("is not waited for any more after a timeout around it, which arrives", () => {
    const one = new Event();
    const outer = Timeout.startNew(1);
    expect(thrownBy(() => one.wait({ timeout: 1000 }))).toBe(outer);
    expect(one.linkCount).toBe(0);
  });

  // 169 TestEvent_SetThenClear.test
  greenEach([[1], [100], [1000]], "that is set and cleared at once wakes all %p", (count) => {
    const one = new Event();
    const waiters = Array.from({ length: count }, () => spawn(() => one.wait()));
    idle();
    one.set();
    one.clear();
    joinAll(waiters);
    expect(waiters.every((w) => w.value === true)).toBe(true);
  });

  green("that is set and cleared does not wake who comes between that and its turn", () => {
    const one = new Event();
    one.set();
    one.clear();
    expect(one.wait({ timeout: 5 })).toBe(false);
  });

  // 154 TestGeventWaitOnEvent.test_set_during_wait
  green("is not ready for a waiter that clears it after it was woken", () => {
    const one = new Event();
    const waiter = spawn(() => {
      one.wait();
      one.clear();
      return [one.isSet(), wait([one], { timeout: 5 }), one.isSet()];
    });
    idle();
    one.set();
    expect(waiter.get()).toEqual([false, [], false]);
  });

  // 175 TestEventBasics.test_wait_while_notifying
  green("that is set does not make wait who comes while others are woken", () => {
    const one = new Event();
    const seen: number[] = [];
    const waits = (i: number) => () => {
      one.wait();
      seen.push(i);
    };
    const [first, second] = [spawn(waits(1)), spawn(waits(2))];
    idle();
    one.set();
    const third = spawn(waits(3));
    joinAll([first, second, third]);
    expect(seen).toEqual([1, 2, 3]);
    waits(4)();
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  // 176 TestEventBasics.test_gevent_wait_twice_when_already_set
  green("that is set is ready for wait(), again and again", () => {
    const one = new Event();
    one.set();
    for (let i = 0; i < 2; i++) expect(wait([one])).toEqual([one]);
    expect([...iwait([one])]).toEqual([one]);
  });

  green("calls back on the hub, once, unless that is taken back", () => {
    const one = new Event();
    const seen: unknown[] = [];
    const [note, never] = [(who: unknown) => void seen.push(who), () => void seen.push("never")];
    one.rawlink(note);
    one.rawlink(never);
    one.unlink(never);
    one.unlink(() => undefined);
    one.set();
    expect(seen).toEqual([]);
    idle();
    one.set();
    idle();
    expect(seen).toEqual([one]);
  });
});

// 174 TestEventBasics.test_weakref
test("an event that nobody has is collected", async () => {
  const ref = new WeakRef(new Event());
  expect(await untilCollected(async () => ref.deref() === undefined)).toBe(true);
});
