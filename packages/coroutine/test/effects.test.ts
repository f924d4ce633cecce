import { all, Channel, call, race, Scheduler, sleep, spawn, TestClock, timeout } from "@cordage/coroutine";
import { describe, expect, test } from "@jest/globals";
import { code, inVirtualTime } from "./support.js";

function* givesAfter<T>(ms: number, value: T): Generator<any, T, any> {
  yield* sleep(ms);
  return value;
}

function* failsAfter(ms: number, text: string): Generator<any, never, any> {
  yield* sleep(ms);
  throw new Error(text);
}

describe("sleep", () => {
  test("wakes in the order of the times, and of the calls where those are the same", () =>
    inVirtualTime(function* () {
      const order: number[] = [];
      for (const ms of [30, 10, 20, 10, 0, -1])
        yield* spawn(function* () {
          yield* sleep(ms);
          order.push(ms);
        });
      yield* sleep(31);
      expect(order).toEqual([0, -1, 10, 10, 20, 30]);
    }));

  test("is never too short by the system's clock", async () => {
    const began = performance.now();
    await new Scheduler().runUntilComplete(function* () {
      for (let i = 0; i < 5; i++) {
        const before = performance.now();
        yield* sleep(3.4);
        expect(performance.now() - before).toBeGreaterThanOrEqual(3.4);
      }
    });
    expect(performance.now() - began).toBeGreaterThanOrEqual(17);
  });

  test.each(["1", Number.NaN, undefined])("of %p is refused", (ms) => {
    expect(() => sleep(ms as number)).toThrow(expect.objectContaining(code("ERR_INVALID_ARG_TYPE")));
  });

  test("may be used again, also by two tasks at a time", () =>
    inVirtualTime(function* () {
      const nap = sleep(10);
      yield* nap;
      yield* nap;
      const both = all(
        (function* () {
          yield* nap;
          return 1;
        })(),
        (function* () {
          yield* nap;
          yield* nap;
          return 2;
        })(),
      );
      expect(yield* both).toEqual([1, 2]);
    }));
});

describe("call", () => {
  test("waits for a promise, or for what a function returns", () =>
    inVirtualTime(function* () {
      expect(yield* call(Promise.resolve(1))).toBe(1);
      expect(yield* call(async () => 2)).toBe(2);
      expect(yield* call(() => 3)).toBe(3);
    }));

  test("throws what the promise rejects with, or the function throws", () =>
    inVirtualTime(function* () {
      const errors: unknown[] = [];
      const failing = [
        () => Promise.reject("rejected"),
        () => {
          throw "thrown";
        },
      ];
      for (const fn of failing)
        try {
          yield* call(fn);
        } catch (error) {
          errors.push(error);
        }
      expect(errors).toEqual(["rejected", "thrown"]);
    }));

  test("aborts the signal that it gave when its task is cancelled, and does not wait for the rest", () =>
    inVirtualTime(function* () {
      let given: AbortSignal | undefined;
      const task = yield* spawn(() =>
        call((signal) => {
          given = signal;
          return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("late"))));
        }),
      );
      yield;
      expect(given!.aborted).toBe(false);
      task.cancel();
      yield* call(() => expect(task).rejects.toMatchObject(code("ERR_TASK_CANCELLED")));
      expect(given!.aborted).toBe(true);
    }));

  test("of what can not be called is refused", () => {
    expect(() => call(5 as never)).toThrow(expect.objectContaining(code("ERR_INVALID_ARG_TYPE")));
  });
});

describe("timeout", () => {
  test("gives the result of what ends in time, and leaves no timer", async () => {
    const clock = new TestClock();
    await new Scheduler({ clock }).runUntilComplete(function* () {
      expect(yield* timeout(10, givesAfter(5, "in time"))).toBe("in time");
    });
    expect(clock.now()).toBe(5);
  });

  test("interrupts what does not, which may clean up, and throws", () =>
    inVirtualTime(function* () {
      const trace: string[] = [];
      const slow = function* () {
        try {
          yield* sleep(1000);
        } finally {
          yield* sleep(5);
          trace.push("cleaned up");
        }
      };
      try {
        yield* timeout(10, slow());
      } catch (error) {
        trace.push((error as { code: string }).code);
      }
      expect(trace).toEqual(["cleaned up", "ERR_TIMEOUT"]);
      yield* sleep(1); // it is not interrupted any more
    }));

  test("knows its own from those around it", () =>
    inVirtualTime(function* () {
      const trace: string[] = [];
      const inner = function* () {
        try {
          yield* timeout(1000, sleep(5000));
        } catch (error) {
          trace.push(`inner ${(error as Error).name}`);
          throw error;
        }
      };
      try {
        yield* timeout(10, inner());
      } catch (error) {
        trace.push(`outer ${(error as Error).name}`);
      }
      expect(trace).toEqual(["inner Cancelled", "outer TimeoutError"]);
    }));

  test("passes on what fails, and a cancellation from outside", () =>
    inVirtualTime(function* () {
      const failing = yield* spawn(() => timeout(100, failsAfter(1, "mine")));
      yield* call(() => expect(failing).rejects.toThrow("mine"));
      const cancelled = yield* spawn(() => timeout(100, sleep(50)));
      yield;
      cancelled.cancel();
      yield* sleep(1);
      expect(cancelled.cancelled).toBe(true);
    }));
});

describe("all", () => {
  test("gives the results in the order of the programs", () =>
    inVirtualTime(function* () {
      expect(yield* all(givesAfter(20, "a"), givesAfter(10, 1), givesAfter(0, true))).toEqual(["a", 1, true]);
      expect(yield* all()).toEqual([]);
    }));

  test.each([
    [1, 2],
    [2, 1],
  ])("throws what one fails with, after %p or %p ms, once the others have ended", (first, second) =>
    inVirtualTime(function* () {
      let cleaned = false;
      const other = function* () {
        try {
          yield* sleep(1000 * second);
        } finally {
          yield* sleep(10);
          cleaned = true;
        }
      };
      const programs = first < second ? [failsAfter(5, "bad"), other()] : [other(), failsAfter(5, "bad")];
      let message = "";
      try {
        yield* all(...programs);
      } catch (error) {
        ({ message } = error as Error);
      }
      expect([message, cleaned]).toEqual(["bad", true]);
    }),
  );
});

describe("race", () => {
  test("gives the result of the first, and has the others end before", () =>
    inVirtualTime(function* () {
      const channel = new Channel<number>();
      expect(yield* race(givesAfter(10, "slow"), givesAfter(5, "fast"), channel.take())).toBe("fast");
      expect(channel.tryPut(1)).toBe(false);
    }));

  test("throws what the first fails with", () =>
    inVirtualTime(function* () {
      const task = yield* spawn(() => race(failsAfter(1, "first"), failsAfter(2, "second")));
      yield* call(() => expect(task).rejects.toThrow("first"));
    }));

  test("of nothing is refused", () => {
    expect(() => race()).toThrow(expect.objectContaining(code("ERR_INVALID_ARG_TYPE")));
  });
});
