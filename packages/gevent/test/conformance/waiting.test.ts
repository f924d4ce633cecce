/** Waiting for several. Source: TestWait of gevent's test__event, test__iwait, test__hub_join_timeout. */
import {
  event,
  type Greenlet,
  idle,
  iwait,
  type Linkable,
  lock,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  wait,
} from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green, takeReports } from "../support/green.js";

const { AsyncResult, Event } = event;

/** Five events and five results, which are set one after the other. */
function settable() {
  const events = Array.from({ length: 5 }, () => new Event());
  const results = Array.from({ length: 5 }, () => new AsyncResult<string>());
  const sender: Greenlet = spawn(() => {
    for (const one of events) {
      sleep(1);
      one.set();
    }
    for (const one of results) {
      sleep(1);
      one.set("ok");
    }
  });
  return { all: [...results, ...events] as Linkable[], ordered: [...events, ...results] as Linkable[], sender };
}

describe("wait() for several", () => {
  // 170 TestWait.test, 171 TestWait_notimeout.test
  green("returns all, in the order in which they were ready", () => {
    for (const options of [{ timeout: 10_000 }, undefined, { count: null, timeout: null }]) {
      const { all, ordered } = settable();
      expect(wait(all, options)).toEqual(ordered);
    }
  });

  // 172 TestWait_count1.test
  green("returns as many as it is to wait for", () => {
    const { all, ordered, sender } = settable();
    expect(wait(all, { count: 1 })).toEqual([ordered[0]]);
    expect(sender.ready()).toBe(false);
    expect(wait(all, { count: 0 })).toEqual([]);
    sender.join();
    expect(wait(all, { count: 100 })).toHaveLength(10);
  });

  // 239 Test(hub_join_timeout).test_event, 2 AbstractGenericWaitTestCase.test_returns_none_after_timeout
  green("returns those that were in time, and leaves no link behind", () => {
    const [set, never] = [new Event(), new Event()];
    const other = spawn(() => sleep(10_000));
    spawnLater(1, () => set.set());
    expect(wait([set])).toEqual([set]);
    expect(other.ready()).toBe(false);
    for (const timeout of [5, 0, -1]) {
      expect(wait([never], { timeout })).toEqual([]);
      expect(wait([never, set], { timeout })).toEqual([set]);
    }
    expect([never.linkCount, set.linkCount]).toEqual([0, 0]);
  });

  green("has one time for all of them, also with a timeout of one's own", () => {
    const never = new Event();
    const ticks = Array.from({ length: 40 }, () => new Event());
    const clock = spawn(() => {
      for (const tick of ticks) {
        sleep(10);
        tick.set();
      }
    });
    const own = new Timeout(100); // which begins before the clock does
    expect(thrownBy(() => wait([...ticks, never], { timeout: own }))).toBe(own);
    expect([ticks.at(-1)!.ready(), own.pending, never.linkCount]).toEqual([false, false, 0]);
    clock.kill();
  });

  green("takes promises, too: a rejected one is ready", () => {
    const error = new Error("handled by the wait");
    const [resolved, rejected, pending] = [Promise.resolve(1), Promise.reject(error), new Promise(() => undefined)];
    expect(wait<any>([pending, rejected, resolved, spawn(() => 2)], { count: 3 })).toHaveLength(3);
    expect(wait([resolved, rejected])).toEqual([resolved, rejected]);
  });

  green("leaves nothing if one of them refuses to be waited for", () => {
    const error = new Error("refused");
    const refusing: Linkable = {
      ready: () => false,
      rawlink: () => {
        throw error;
      },
      unlink: () => undefined,
    };
    const [never, own] = [new Event(), new Timeout(10_000)];
    expect(thrownBy(() => wait([never, refusing], { timeout: own }))).toBe(error);
    expect([never.linkCount, own.pending]).toEqual([0, false]);
  });

  green("of one that is twice in the list gives it twice", () => {
    const one = new Event();
    one.set();
    expect(wait([one, one])).toEqual([one, one]);
    expect(wait([])).toEqual([]);
  });
});

describe("iwait()", () => {
  // 216 Testiwait.test_noiter
  green("gives the first that is ready first", () => {
    const one = new lock.Semaphore(0);
    const other = new lock.Semaphore(1);
    const iterator = iwait([one, other]);
    expect(iterator.next().value).toBe(other);
    iterator.return();
  });

  // 217 Testiwait.test_iwait_partial
  green("that is left early takes its links back", () => {
    const never = new Event();
    const ready = spawnLater(1, () => "done");
    const seen: unknown[] = [];
    for (const one of iwait<Linkable>([never, ready])) {
      seen.push(one);
      break;
    }
    expect([seen, never.linkCount]).toEqual([[ready], 0]);
  });

  green("does not lose those that get ready while its reader does something else", () => {
    const all = [3, 1, 2].map((ms) => spawnLater(ms, () => ms));
    const seen: number[] = [];
    for (const one of iwait(all)) {
      seen.push(one.value!);
      sleep(5);
    }
    expect(seen.sort()).toEqual([1, 2, 3]);
  });
});

describe("wait() for a promise", () => {
  green("returns its value, and throws its reason", () => {
    const error = new Error("rejected");
    expect(wait(Promise.resolve(5))).toBe(5);
    expect(thrownBy(() => wait(Promise.reject(error)))).toBe(error);
    expect(wait(new Promise((resolve) => setTimeout(resolve, 1, "later")))).toBe("later");
  });

  green("takes whatever has a then, even one that calls back at once", () => {
    // biome-ignore lint/suspicious/noThenProperty: that is what is tested
    expect(wait({ then: (resolve: (value: number) => void) => resolve(7) } as PromiseLike<number>)).toBe(7);
  });

  green("waits no longer than it is told, and can be killed", () => {
    const pending = new Promise<never>(() => undefined);
    for (const timeout of [1, 0, -1]) expect(thrownBy(() => wait(pending, { timeout }))).toBeInstanceOf(Timeout);
    const own = new Timeout(1);
    expect(thrownBy(() => wait(pending, { timeout: own }))).toBe(own);
    const g = spawn(() => wait(pending));
    sleep(0);
    g.kill();
    expect(g.successful()).toBe(true);
  });

  green("that another greenlet settles: who waits goes on soon, not at once", () => {
    const seen: string[] = [];
    let settle!: (value: string) => void;
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: that is what is tested
      then(resolve: typeof settle) {
        settle = resolve;
      },
    };
    const waiter = spawn(() => seen.push(wait(thenable as unknown as PromiseLike<string>)));
    idle();
    settle("settled");
    seen.push("settler");
    waiter.join();
    expect(seen).toEqual(["settler", "settled"]);
  });

  green("by many at the same time", () => {
    let resolve!: (value: number) => void;
    const promise = new Promise<number>((r) => {
      resolve = r;
    });
    const all = [1, 2, 3].map(() => spawn(() => wait(promise)));
    idle();
    resolve(9);
    expect(all.map((one) => one.get())).toEqual([9, 9, 9]);
  });
});

green("wait() for the end of everything throws a timeout of one's own", () => {
  const own = new Timeout(1);
  expect(thrownBy(() => wait(null, { timeout: own }))).toBe(own);
});

// 220 TestExceptionInMainloop.test_sleep
green("an error in a callback of the hub is reported once, and disturbs no sleep", () => {
  const error = new Error("of a callback");
  const one = new Event();
  one.rawlink(() => {
    throw error;
  });
  one.set();
  sleep(5);
  idle();
  expect(takeReports()).toEqual([[error, undefined]]);
});
