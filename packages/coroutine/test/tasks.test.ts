import { inspect } from "node:util";
import {
  Cancelled,
  Channel,
  call,
  cancelled,
  coroutine,
  join,
  Scheduler,
  sleep,
  spawn,
  type Task,
  TaskCancelledError,
} from "@cordage/coroutine";
import { describe, expect, test } from "@jest/globals";
import { code, inVirtualTime } from "./support.js";

function* failing(): Generator<any, never, any> {
  yield* sleep(1);
  throw new Error("it failed");
}

const settledIn = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe("a task", () => {
  test("has a name, a result, and says what it does", () =>
    inVirtualTime(function* () {
      const named = yield* spawn(
        function* () {
          yield* sleep(10);
          return 1;
        },
        { name: "counter" },
      );
      const task = yield* spawn(function* sums() {
        yield* join(named);
      });
      const numbered = yield* spawn((function* () {})());
      yield;
      expect([named.name, task.name, numbered.name]).toEqual(["counter", "sums", "task 4"]);
      expect(inspect(named)).toBe("<Task counter: sleeping until 10.0 ms>");
      expect(`${task}`).toBe("<Task sums: joining counter>");
      expect(named.done).toBe(false);
      expect(settledIn(() => named.result)).toMatchObject(code("ERR_NOT_DONE"));
      yield* join(named);
      expect([named.done, named.cancelled, named.result]).toEqual([true, false, 1]);
    }));

  test("may be a coroutine, whose first turn runs it up to its first yield", () =>
    inVirtualTime(function* () {
      const add = coroutine(function* (a: number, b: number) {
        yield* sleep(1);
        return a + b;
      });
      const task = yield* spawn(add(1, 2), { name: "sum" });
      expect(yield* task.join()).toBe(3);
    }));

  test("is joined by many, before and after its end", () =>
    inVirtualTime(function* () {
      const task = yield* spawn(function* () {
        yield* sleep(5);
        return {};
      });
      const joiners: Task<object>[] = [];
      for (let i = 0; i < 3; i++) joiners.push(yield* spawn(() => task.join()));
      const results: object[] = [];
      for (const joiner of joiners) results.push(yield* joiner.join());
      results.push(yield* task.join());
      expect(new Set(results)).toEqual(new Set([task.result]));
    }));

  test("hands its error to whoever joins it, and to nobody else", () =>
    inVirtualTime(function* () {
      const task = yield* spawn(failing());
      const joiner = yield* spawn(() => task.join());
      const errors: unknown[] = [];
      for (const one of [task, joiner])
        try {
          yield* one.join();
        } catch (error) {
          errors.push(error);
        }
      expect(errors).toEqual([new Error("it failed"), new Error("it failed")]);
      expect(settledIn(() => task.result)).toBe(errors[0]);
    }));

  test("does not wait for itself", () =>
    inVirtualTime(function* () {
      let own: Task<void>;
      own = yield* spawn(function* () {
        yield* own.join();
      });
      yield* call(() => expect(own).rejects.toMatchObject(code("ERR_DEADLOCK")));
    }));

  test("is a promise of its result outside of tasks", async () => {
    const scheduler = new Scheduler();
    const task = scheduler.spawn(function* () {
      yield* sleep(1);
      return "result";
    });
    const other = scheduler.spawn(failing());
    const outcomes = Promise.allSettled([task, other]);
    await scheduler.run();
    expect(await outcomes).toEqual([
      { status: "fulfilled", value: "result" },
      { status: "rejected", reason: new Error("it failed") },
    ]);
    expect(await task).toBe("result");
    await expect(other).rejects.toThrow("it failed");
  });
});

describe("a task that is cancelled", () => {
  test("has Cancelled thrown where it waits, with the reason, and may clean up", () =>
    inVirtualTime(function* () {
      const seen: unknown[] = [];
      const task = yield* spawn(function* () {
        try {
          yield* sleep(1000);
        } catch (error) {
          seen.push(error, yield* cancelled());
          throw error;
        } finally {
          yield* sleep(10);
          seen.push("cleaned up");
        }
      });
      yield;
      task.cancel("enough");
      const error: unknown = yield* call(() => Promise.resolve(task).catch((error) => error));
      expect(error).toBeInstanceOf(TaskCancelledError);
      expect(error).toMatchObject({ cause: "enough", code: "ERR_TASK_CANCELLED" });
      expect(seen).toEqual([expect.any(Cancelled), true, "cleaned up"]);
      expect(seen[0]).toMatchObject({ cause: "enough" });
      expect([task.done, task.cancelled]).toEqual([true, true]);
    }));

  test("before it begins does not begin", () =>
    inVirtualTime(function* () {
      let begun = false;
      const task = yield* spawn(function* () {
        begun = true;
        yield;
      });
      task.cancel();
      yield* sleep(1);
      expect([begun, task.cancelled]).toEqual([false, true]);
    }));

  test("gets what it was given already, and the cancellation where it waits next", () =>
    inVirtualTime(function* () {
      const channel = new Channel<string>();
      const got: unknown[] = [];
      const taker = yield* spawn(function* () {
        got.push(yield* channel.take());
        got.push(yield* channel.take());
      });
      yield;
      channel.tryPut("given");
      taker.cancel();
      yield* sleep(1);
      expect(got).toEqual(["given"]);
      expect(taker.cancelled).toBe(true);
      expect(channel.tryPut("nobody takes it")).toBe(false);
    }));

  test("by itself goes on up to where it waits next", () =>
    inVirtualTime(function* () {
      const trace: string[] = [];
      let own: Task<void>;
      own = yield* spawn(function* () {
        own.cancel();
        trace.push("goes on");
        yield* sleep(0);
        trace.push("not here");
      });
      yield* sleep(1);
      expect([trace, own.cancelled]).toEqual([["goes on"], true]);
    }));

  test("between two plain yields is cancelled there", () =>
    inVirtualTime(function* () {
      const task = yield* spawn(function* () {
        for (;;) yield;
      });
      yield;
      task.cancel();
      yield;
      yield;
      expect(task.cancelled).toBe(true);
    }));

  test("may go on: then it is not cancelled, and a second time changes nothing", () =>
    inVirtualTime(function* () {
      const task = yield* spawn(function* () {
        try {
          yield* sleep(1000);
        } catch {}
        yield* sleep(10);
        return "went on";
      });
      yield;
      task.cancel();
      yield;
      task.cancel();
      expect(yield* task.join()).toBe("went on");
      expect(task.cancelled).toBe(false);
      task.cancel();
      expect(task.result).toBe("went on");
    }));

  test("does not cancel the one that joins it", () =>
    inVirtualTime(function* () {
      const task = yield* spawn(() => sleep(1000));
      const joiner = yield* spawn(function* () {
        try {
          yield* task.join();
        } catch (error: any) {
          return error.code;
        }
      });
      yield;
      task.cancel();
      expect(yield* joiner.join()).toBe("ERR_TASK_CANCELLED");
    }));

  test("while it joins another one leaves that alone", () =>
    inVirtualTime(function* () {
      const task = yield* spawn(function* () {
        yield* sleep(10);
        return 1;
      });
      const joiner = yield* spawn(() => task.join());
      yield;
      joiner.cancel();
      expect(yield* task.join()).toBe(1);
      expect(joiner.cancelled).toBe(true);
    }));
});

test.each<[string, () => Iterable<unknown>]>([
  ["spawn", () => spawn(failing())],
  ["cancelled", () => cancelled()],
])("%s outside of a task is refused", (_, effect) => {
  expect(() => [...effect()]).toThrow(expect.objectContaining(code("ERR_NO_TASK")));
});

test("join of what is no task is refused", () => {
  expect(() => join({} as Task)).toThrow(expect.objectContaining(code("ERR_INVALID_ARG_TYPE")));
});
