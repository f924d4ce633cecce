/** Timeouts. Source: gevent's test__timeout and test__api_timeout. */
import { event, GreenletExit, idle, joinAll, sleep, spawn, Timeout, withTimeout } from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { green, greenEach, takeReports } from "../support/green.js";

const { AsyncResult, Event } = event;
const forever = () => new Event().wait({ timeout: 20_000 });
class Customized extends Error {}

describe("a timeout", () => {
  // 191 TestDirectRaise.test_direct_raise_class, 192 TestDirectRaise.test_direct_raise_instance
  test("can be thrown as any error, and is not pending", () => {
    const timeout = new Timeout(1);
    const thrown = thrownBy(() => {
      throw timeout;
    });
    expect([thrown === timeout, thrown instanceof Error, timeout.pending]).toEqual([true, true, false]);
  });

  // 204 Test(api_timeout).test_api
  green("is pending from its start until it fires or is cancelled", () => {
    const timeout = new Timeout(1);
    const seen = [timeout.pending];
    timeout.start();
    seen.push(timeout.pending);
    expect(thrownBy(forever)).toBe(timeout);
    seen.push(timeout.pending);
    timeout.start();
    seen.push(timeout.pending);
    timeout.cancel();
    seen.push(timeout.pending);
    sleep(5);
    expect(seen).toEqual([false, true, false, true, false]);
  });

  // 200 Test(timeout).test_cancel
  green("that is cancelled does not fire; as often and in whatever way that is done", () => {
    for (const end of [(t: Timeout) => t.cancel(), (t: Timeout) => t.close(), (t: Timeout) => t[Symbol.dispose]()]) {
      const timeout = Timeout.startNew(1);
      end(timeout);
      end(timeout);
      expect(timeout.pending).toBe(false);
      sleep(5);
    }
    {
      using _timeout = Timeout.startNew(1);
    }
    sleep(5);
  });

  green("has its name, and that of its class is made by startNew", () => {
    class Own extends Timeout {}
    const one = Own.startNew(1000);
    one.cancel();
    expect([Timeout.name, one instanceof Own]).toEqual(["Timeout", true]);
  });

  // 194 Test(timeout).test_expires_false
  green("made with false is thrown all the same where nobody but its run() is told", () => {
    const timeout = Timeout.startNew(1, false);
    expect(thrownBy(forever)).toBe(timeout);
  });

  // 195 Test(timeout).test_expires_str, 199 Test(timeout).test_context_manager_str
  green("made with a text says so", () => {
    const timeout = Timeout.startNew(1, "XXX");
    expect(thrownBy(forever)).toBe(timeout);
    expect(timeout.message).toBe("after 1 ms: XXX");
    expect(thrownBy(() => new Timeout(1, "YYY").run(forever)).message).toBe("after 1 ms: YYY");
    expect([new Timeout(5).message, new Timeout().message, new Timeout(5).name]).toEqual([
      "after 5 ms",
      "never",
      "Timeout",
    ]);
  });

  // 196 Test(timeout).test_expires_non_exception
  greenEach(
    [[{}], [class {}], [() => new Error()], [42]],
    "made with something else, %p, throws a TypeError when its time is up",
    (what) => {
      const timeout = Timeout.startNew(1, what as any);
      expect(thrownBy(forever)).toMatchObject({ name: "TypeError", code: "ERR_INVALID_ARG_TYPE" });
      timeout.cancel();
    },
  );

  green("throws an error of one's own, or of a class", () => {
    const error = new Customized();
    class Unmakable extends Error {
      constructor() {
        super();
        throw error;
      }
    }
    Timeout.startNew(1, error);
    expect(thrownBy(forever)).toBe(error);
    Timeout.startNew(1, Customized);
    expect(thrownBy(forever)).toBeInstanceOf(Customized);
    Timeout.startNew(1, Unmakable);
    expect(thrownBy(forever)).toBe(error);
  });

  green("without a time, or with one that is too long for a timer, never fires", () => {
    for (const ms of [undefined, null, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 52]) {
      const timeout = Timeout.startNew(ms);
      sleep(3);
      timeout.cancel();
      expect(new Timeout(ms).run(() => sleep(1))).toBeUndefined();
    }
  });

  green("is started once; start() of one that is pending is refused, startNew() takes it as it is", () => {
    const timeout = Timeout.startNew(1);
    expect(thrownBy(() => timeout.start())).toMatchObject({ code: "ERR_ALREADY_STARTED" });
    expect(Timeout.startNew(timeout)).toBe(timeout);
    expect(thrownBy(forever)).toBe(timeout);
    expect(Timeout.startNew(timeout)).toBe(timeout);
    expect(timeout.pending).toBe(true);
    timeout.cancel();
  });

  green("fires into the greenlet that started it, and into no other", () => {
    const timeout = new Timeout(1);
    const other = spawn(() => sleep(10));
    const own = spawn(() => {
      timeout.start();
      return thrownBy(forever);
    });
    expect([own.get(), other.get()]).toEqual([timeout, undefined]);
  });

  green("of a greenlet that has ended does nothing", () => {
    spawn(() => Timeout.startNew(1)).join();
    sleep(5);
  });

  green("that nobody catches is the greenlet's failure", () => {
    const g = spawn(() => {
      Timeout.startNew(1);
      forever();
    });
    g.join();
    idle();
    expect([g.successful(), g.exception]).toEqual([false, expect.any(Timeout)]);
    expect(takeReports()).toEqual([[g.exception, g]]);
  });

  // 202 Test(api_timeout).test_timeout_calls_update_now
  green("counts from its start, not from when the event loop last looked at the clock", () => {
    const busy = performance.now() + 30;
    while (performance.now() < busy);
    const began = performance.now();
    Timeout.startNew(20);
    expect(thrownBy(forever)).toBeInstanceOf(Timeout);
    expect(performance.now() - began).toBeGreaterThan(18);
  });

  // 245 test__sleep0
  green("ends an endless loop of sleep(0)", () => {
    let turns = 0;
    const result = new Timeout(10, false).run(() => {
      for (;;) {
        turns++;
        sleep(0);
      }
    });
    expect([result, turns > 0]).toEqual([undefined, true]);
  });
});

describe("run()", () => {
  // 197 Test(timeout).test_context_manager, 204 Test(api_timeout).test_api
  green("throws the timeout itself, and is over then", () => {
    const timeout = new Timeout(1);
    expect(thrownBy(() => timeout.run(forever))).toBe(timeout);
    expect(timeout.pending).toBe(false);
    expect(timeout.run(() => "again")).toBe("again");
    expect(timeout.pending).toBe(false);
    sleep(3);
  });

  green("throws what the timeout was made with; false: nothing", () => {
    const error = new Customized();
    expect(thrownBy(() => new Timeout(1, error).run(forever))).toBe(error);
    expect(thrownBy(() => new Timeout(1, Customized).run(forever))).toBeInstanceOf(Customized);
    expect(new Timeout(1, false).run(forever)).toBeUndefined();
  });

  green("gives nothing of a function that has swallowed a timeout made with false", () => {
    const swallowing = () => {
      thrownBy(forever);
      return "swallowed";
    };
    expect(new Timeout(1, false).run(swallowing)).toBeUndefined();
  });

  green("lets errors of the function pass", () => {
    const error = new Error("its own");
    const failing = () => {
      throw error;
    };
    expect(thrownBy(() => new Timeout(1000).run(failing))).toBe(error);
    expect(thrownBy(() => new Timeout(1000, false).run(failing))).toBe(error);
  });

  green("may be cancelled within", () => {
    const timeout = new Timeout(1);
    const result = timeout.run(() => {
      timeout.cancel();
      sleep(5);
      return "in peace";
    });
    expect(result).toBe("in peace");
  });

  green("throws a timeout that was swallowed, at the end; and again, where the function goes on waiting", () => {
    const timeout = new Timeout(1);
    let caught = 0;
    const swallow = () => {
      for (let i = 0; i < 3; i++)
        try {
          forever();
        } catch (error) {
          expect(error).toBe(timeout);
          caught++;
        }
    };
    expect(thrownBy(() => timeout.run(swallow))).toBe(timeout);
    expect(caught).toBe(3);
    sleep(5);
  });

  green("takes a timeout that is pending as it is", () => {
    const timeout = Timeout.startNew(1);
    expect(thrownBy(() => timeout.run(forever))).toBe(timeout);
  });

  // 206 Test(api_timeout).test_nested_timeout
  green("within another: the shorter one outside ends both, and each knows itself", () => {
    const [outer, inner] = [new Timeout(1, false), new Timeout(10_000, false)];
    const seen: unknown[] = [];
    outer.run(() => {
      inner.run(() => {
        try {
          forever();
        } catch (error) {
          seen.push(error === outer, inner.pending);
          throw error;
        }
      });
      seen.push("never");
    });
    expect([seen, outer.pending, inner.pending]).toEqual([[true, true], false, false]);
  });

  green("within another: the shorter one inside ends its own", () => {
    const [outer, inner] = [new Timeout(10_000), new Timeout(1)];
    const seen = outer.run(() => [thrownBy(() => inner.run(forever)) === inner, outer.pending]);
    expect([seen, outer.pending, inner.pending]).toEqual([[true, true], false, false]);
  });
});

describe("withTimeout()", () => {
  // 201 Test(timeout).test_with_timeout
  green("throws, or returns the value for that, or what the function returns", () => {
    expect(thrownBy(() => withTimeout(1, forever))).toBeInstanceOf(Timeout);
    expect(withTimeout(1, forever, { timeoutValue: "late" })).toBe("late");
    expect(withTimeout(1, forever, { timeoutValue: undefined })).toBeUndefined();
    expect(withTimeout(1000, () => "in time", { timeoutValue: "late" })).toBe("in time");
  });

  green("of a timeout of one's own", () => {
    const own = new Timeout(1);
    expect(thrownBy(() => withTimeout(own, forever))).toBe(own);
    expect(withTimeout(own, forever, { timeoutValue: "late" })).toBe("late");
    expect(own.pending).toBe(false);
  });

  green("does not take another timeout for its own", () => {
    const outer = new Timeout(1);
    const seen = thrownBy(() => outer.run(() => withTimeout(10_000, forever, { timeoutValue: "late" })));
    expect(seen).toBe(outer);
  });
});

green("a kill is stronger than a timeout that swallows itself", () => {
  const all = [1, 2, 3].map(() => spawn(() => new Timeout(10_000, false).run(forever)));
  sleep(0);
  for (const one of all) one.kill(GreenletExit, { block: false });
  joinAll(all);
  expect(all.map((one) => one.get() as unknown)).toEqual(all.map(() => expect.any(GreenletExit)));
});

green("a result that comes with the timeout is there afterwards", () => {
  const result = new AsyncResult<number>();
  Timeout.startNew(1);
  setTimeout(() => result.set(5), 1);
  try {
    result.get();
    sleep(1000);
  } catch (error) {
    expect(error).toBeInstanceOf(Timeout);
  }
  expect(result.get()).toBe(5);
});
