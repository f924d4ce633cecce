/** Waiting for the end of greenlets. Source: TestStuff of gevent's test__greenlet, test__joinall. */
import { event, idle, joinAll, sleep, spawn, Timeout } from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green, takeReports } from "../support/green.js";

const fails = (error: Error) => () => {
  throw error;
};

describe("joinAll()", () => {
  // 21 TestStuff.test_wait_noerrors
  green("waits for all, and links come and go afterwards", () => {
    const all = [1, 2, 3].map((value) => spawn(() => value));
    joinAll(all, { raiseError: true });
    expect(all.map((one) => one.value)).toEqual([1, 2, 3]);
    const seen: unknown[] = [];
    const link = (one: unknown) => void seen.push(one);
    all[0]!.link(link);
    all[0]!.unlink(link);
    all[0]!.link(link);
    sleep(0);
    expect(seen).toEqual([all[0]]);
  });

  // 22 TestStuff.test_wait_error
  green("with raiseError throws the first error, while others go on; also if it failed before", () => {
    const error = new Error("first");
    const sleeper = spawn(() => sleep(10_000));
    const x = spawn(fails(error));
    const end = new event.Event();
    const y = spawn(() => {
      end.wait();
      throw new Error("second");
    });
    y.linkException(() => undefined);
    expect(thrownBy(() => joinAll([sleeper, x, y], { raiseError: true }))).toBe(error);
    expect([sleeper.ready(), y.ready()]).toEqual([false, false]);
    expect(thrownBy(() => joinAll([sleeper, x], { raiseError: true }))).toBe(error);
    expect(x.linkCount + sleeper.linkCount).toBe(0);
    end.set();
    y.join();
    sleeper.kill();
  });

  // 24 TestStuff.test_joinall_count_raise_error
  green("for one of two returns when it has ended, even by an error", () => {
    const error = new Error("reported");
    const sleeper = spawn(() => sleep(10_000));
    const x = spawn(fails(error));
    expect(joinAll([x, sleeper], { raiseError: false, count: 1 })).toEqual([x]);
    expect([x.ready(), sleeper.ready()]).toEqual([true, false]);
    sleep(0);
    expect(takeReports()).toEqual([[error, x]]);
    sleeper.kill();
  });

  // 71 Test(joinall).test
  green("of one that is twice in the list ends", () => {
    const [a, b] = [spawn(() => sleep(1)), spawn(() => sleep(2))];
    expect(joinAll([a, b, a])).toEqual([a, a, b]);
  });

  green("returns those that were in time, in their order", () => {
    const gates = [1, 2, 3].map(() => new event.Event());
    const [a, b, c] = gates.map((gate) => spawn(() => gate.wait()));
    const joined = spawn(() => joinAll([a!, b!, c!], { count: 2 }));
    idle();
    gates[1]!.set();
    gates[0]!.set();
    expect(joined.get()).toEqual([b, a]);
    for (const timeout of [5, 0, -1]) expect(joinAll([c!, a!, b!], { timeout })).toEqual([a, b]);
    c!.kill();
    expect(joinAll([])).toEqual([]);
  });
});

describe("join()", () => {
  green("returns at once if it has ended, and does not throw its error", () => {
    const error = new Error("of the greenlet");
    const g = spawn(fails(error));
    expect(g.join()).toBeUndefined();
    expect(g.join()).toBeUndefined();
    expect(thrownBy(() => g.get())).toBe(error);
  });

  green("leaves no link behind when its time is up", () => {
    const g = spawn(() => sleep(10_000));
    g.join({ timeout: 5 });
    expect([g.ready(), g.linkCount]).toEqual([false, 0]);
    g.kill();
  });

  green("of many at the same time: all go on, in the order in which they came", () => {
    const seen: number[] = [];
    const gate = new event.Event();
    const g = spawn(() => gate.wait());
    const all = [1, 2, 3].map((i) =>
      spawn(() => {
        g.join();
        seen.push(i);
      }),
    );
    idle();
    gate.set();
    joinAll(all);
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("get()", () => {
  green("throws a timeout, also for 0 and less, which do not wait", () => {
    const g = spawn(() => sleep(20));
    for (const timeout of [5, 0, -1, Number.NEGATIVE_INFINITY])
      expect(thrownBy(() => g.get({ timeout }))).toBeInstanceOf(Timeout);
    expect([g.linkCount, g.get({ timeout: 2 ** 40 })]).toEqual([0, undefined]);
  });

  green("that has given up no longer waits: an error is reported", () => {
    const error = new Error("after the timeout");
    const g = spawn(() => {
      sleep(10);
      throw error;
    });
    expect(() => g.get({ timeout: 1 })).toThrow(Timeout);
    g.join();
    sleep(0);
    expect(takeReports()).toEqual([[error, g]]);
  });

  green("has its error for itself: nothing is reported, however many get it", () => {
    const error = new Error("had by two");
    const g = spawn(() => {
      sleep(1);
      throw error;
    });
    const getters = [1, 2].map(() => spawn(() => thrownBy(() => g.get())));
    expect(getters.map((one) => one.get())).toEqual([error, error]);
  });
});
