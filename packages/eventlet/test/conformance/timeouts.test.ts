/** Timeouts. Source: eventlet's timeout_test, timeout_with_statement_test and api_test. */
import { Event, isTimeout, listen, sleep, socket, spawn, Timeout, withTimeout } from "@cordage/eventlet";
import { TimeoutError } from "@cordage/ipc";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { forever, green, greenEach, takeReports } from "../support/green.js";

const LONG = 60_000;

describe("a timeout", () => {
  // 85 TestDirectRaise.test_direct_raise_class, 86 TestDirectRaise.test_direct_raise_instance
  test("without a time may be thrown like any error, anywhere, and is not pending", () => {
    const timeout = new Timeout();
    expect(
      thrownBy(() => {
        throw timeout;
      }),
    ).toBe(timeout);
    expect([timeout.pending, timeout.name, timeout.ms]).toEqual([false, "Timeout", undefined]);
  });

  // 87 TestDirectRaise.test_repr
  green("can be shown in all its forms", () => {
    const all = [
      new Timeout(),
      new Timeout(LONG),
      new Timeout(LONG, false),
      new Timeout(LONG, RangeError),
      new Timeout(LONG, "why"),
    ];
    for (const one of all) one.cancel();
    expect(all.map(String)).toEqual([
      "Timeout: never",
      `Timeout: after ${LONG} ms`,
      `Timeout: after ${LONG} ms`,
      `Timeout: after ${LONG} ms`,
      `Timeout: after ${LONG} ms: why`,
    ]);
  });

  // 90 test_is_timeout_attribute
  green("says that it is one, as others do", () => {
    const timeout = new Timeout(LONG);
    timeout.cancel();
    const others = [timeout, new TimeoutError("late"), { isTimeout: true }, new Error("other"), null, undefined, "x"];
    expect([timeout.isTimeout, others.map(isTimeout)]).toEqual([true, [true, true, true, false, false, false, false]]);
  });

  green("begins when it is made, and is thrown where its greenthread waits", () => {
    const timeout = new Timeout(1);
    expect(timeout.pending).toBe(true);
    expect(thrownBy(forever)).toBe(timeout);
    expect(timeout.pending).toBe(false);
    timeout.start();
    expect(thrownBy(() => timeout.start())).toMatchObject({ code: "ERR_ALREADY_STARTED" });
    timeout.cancel();
  });
});

describe("run, which is Python's with,", () => {
  // 91 Test.test_cancellation
  green("cancels it at the end", () => {
    const timeout = new Timeout(LONG);
    expect(timeout.pending).toBe(true);
    timeout.run(() => expect(timeout.pending).toBe(true));
    expect(timeout.pending).toBe(false);
  });

  // 92 Test.test_raising_self
  greenEach([[undefined], [null], [true]], "throws the timeout itself (%p)", (error) => {
    const timeout = new Timeout(1, error as undefined);
    expect(thrownBy(() => timeout.run(forever))).toBe(timeout);
  });

  // 94 Test.test_raising_custom_exception, 95 Test.test_raising_exception_class
  green("throws an error that was given, or one of a class", () => {
    const error = new RangeError("mine");
    expect(thrownBy(() => new Timeout(1, error).run(forever))).toBe(error);
    expect(thrownBy(() => new Timeout(1, RangeError).run(forever))).toBeInstanceOf(RangeError);
  });

  // 96 Test.test_raising_exc_tuple
  green("throws the class of an error that is being handled", () => {
    try {
      throw new SyntaxError("first");
    } catch (error) {
      const again = (error as Error).constructor as new () => Error;
      expect(thrownBy(() => new Timeout(1, again).run(forever))).toBeInstanceOf(SyntaxError);
    }
  });

  // 97 Test.test_cancel_timer_inside_block
  green("throws nothing once it is cancelled in there", () => {
    const timeout = new Timeout(1);
    expect(
      timeout.run(() => {
        timeout.cancel();
        sleep(5);
        return "done";
      }),
    ).toBe("done");
  });

  green("keeps a silent one to itself", () => {
    expect(new Timeout(1, false).run(forever)).toBeUndefined();
  });

  // 99 Test.test_dummy_timer
  green("without a time does not end", () => {
    expect(
      new Timeout(null).run(() => {
        sleep(1);
        return 1;
      }),
    ).toBe(1);
  });

  // 101 Test.test_nested_timeout
  green("of one within another: each is thrown as itself, and the inner one stays pending until its block ends", () => {
    const outer = new Timeout(1);
    const inner = new Timeout(LONG);
    const within = () =>
      inner.run(() => {
        try {
          forever();
        } catch (error) {
          expect([error === outer, inner.pending, outer.pending]).toEqual([true, true, expect.any(Boolean)]);
          throw error;
        }
      });
    expect(thrownBy(() => outer.run(within))).toBe(outer);
    expect([inner.pending, outer.pending]).toEqual([false, false]);
    const [late, soon] = [new Timeout(LONG), new Timeout(1)];
    expect(
      late.run(() => {
        expect(thrownBy(() => soon.run(forever))).toBe(soon);
        return late.pending;
      }),
    ).toBe(true);
    const silent = new Timeout(1, false);
    expect(silent.run(() => new Timeout(LONG, false).run(forever) ?? thrownBy(forever))).toBeUndefined();
  });
});

describe("withTimeout", () => {
  // 89 TestWithTimeout.test_with_outer_timer, 177 TestApi.test_nested_with_timeout
  green("does not take an outer one for its own", () => {
    const inner = () => withTimeout(LONG, forever, { timeoutValue: "inner" });
    expect(withTimeout(1, inner, { timeoutValue: "outer" })).toBe("outer");
    expect(thrownBy(() => withTimeout(1, inner))).toBeInstanceOf(Timeout);
  });

  green("returns what the function returns in time, and throws what it throws", () => {
    const error = new Error("of the function");
    expect(withTimeout(LONG, () => 5)).toBe(5);
    expect(
      thrownBy(() =>
        withTimeout(LONG, () => {
          throw error;
        }),
      ),
    ).toBe(error);
  });
});

describe("a wait for a socket", () => {
  const pair = (use: (one: socket.Socket, other: socket.Socket) => void) => {
    const [one, other] = socket.socketpair();
    try {
      use(one, other);
    } finally {
      one.close();
      other.close();
    }
  };

  // 174 TestApi.test_001_trampoline_timeout
  green("is interrupted by a timeout, and goes on after it", () =>
    pair((one, other) => {
      expect(thrownBy(() => new Timeout(1).run(() => one.recv(10)))).toBeInstanceOf(Timeout);
      other.sendAll("later");
      expect(String(one.recv(10))).toBe("later");
    }),
  );

  // 175 TestApi.test_timeout_cancel
  green("that ends in time is not interrupted later", () =>
    pair((one, other) => {
      const sender = spawn(() => other.sendAll("hello"));
      const timeout = new Timeout(LONG);
      expect(String(timeout.run(() => one.recv(10)))).toBe("hello");
      sender.wait();
      expect(timeout.pending).toBe(false);
    }),
  );

  green("is over for a connection that nobody makes", () => {
    const listener = listen(["127.0.0.1", 0]);
    expect(thrownBy(() => new Timeout(1).run(() => listener.accept()))).toBeInstanceOf(Timeout);
    listener.close();
  });
});

green("a timeout ends a greenthread, whose error it is, and is reported if nobody waits for that", () => {
  const made = new Event<Timeout>();
  const one = spawn(() => {
    made.send(new Timeout(1));
    forever();
  });
  const timeout = made.wait();
  expect(thrownBy(() => one.wait())).toBe(timeout);
  expect(takeReports()).toEqual([]);
});
