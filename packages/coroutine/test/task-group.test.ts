import { Channel, call, cancelled, join, sleep, spawn, type TaskGroup, taskGroup } from "@cordage/coroutine";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { code, inVirtualTime } from "./support.js";

const trace: string[] = [];
beforeEach(() => {
  trace.length = 0;
});

function* worker(name: string, ms: number, error?: string): Generator<any, string, any> {
  try {
    yield* sleep(ms);
    if (error) throw new Error(error);
    trace.push(`${name} ends`);
    return name;
  } finally {
    if (yield* cancelled()) {
      yield* sleep(1);
      trace.push(`${name} was cancelled`);
    }
  }
}

function* failureOf(program: Iterable<any, any, any>): Generator<any, any, any> {
  try {
    yield* program;
  } catch (error) {
    return error;
  }
}

describe("a group", () => {
  test("ends when its body and all its tasks have, also those that tasks spawn", () =>
    inVirtualTime(function* () {
      const result = yield* taskGroup(function* (group) {
        group.spawn(worker("a", 20));
        group.spawn(function* () {
          yield* spawn(worker("of a task", 30));
          group.spawn(worker("late", 10));
        });
        yield* sleep(1);
        trace.push("body ends");
        return group.size;
      });
      expect(result).toBe(1 + 2);
      expect(trace).toEqual(["body ends", "late ends", "a ends", "of a task ends"]);
    }));

  test("may have a body that waits for nothing", () =>
    inVirtualTime(function* () {
      yield* taskGroup((group) => {
        group.spawn(worker("a", 20));
      });
      expect(trace).toEqual(["a ends"]);
    }));

  test("that has ended takes no more tasks", () =>
    inVirtualTime(function* () {
      let kept: TaskGroup;
      yield* taskGroup((group) => {
        kept = group;
      });
      expect(() => kept.spawn(worker("late", 1))).toThrow(expect.objectContaining(code("ERR_GROUP_CLOSED")));
    }));

  test("whose task fails cancels the others and the body, and throws that error", () =>
    inVirtualTime(function* () {
      const error = yield* failureOf(
        taskGroup(function* (group) {
          group.spawn(worker("a", 1000));
          group.spawn(worker("bad", 5, "mine"));
          yield* worker("body", 1000);
        }),
      );
      expect(error).toEqual(new Error("mine"));
      expect(trace).toEqual(["a was cancelled"]);
      expect(yield* cancelled()).toBe(false);
    }));

  test("whose task fails when the body has ended does so too", () =>
    inVirtualTime(function* () {
      const error = yield* failureOf(
        taskGroup((group) => {
          group.spawn(worker("a", 1000));
          group.spawn(worker("bad", 5, "mine"));
        }),
      );
      expect([error, trace]).toEqual([new Error("mine"), ["a was cancelled"]]);
    }));

  test("whose task fails while the body is about to return lets the rest of its task alone", () =>
    inVirtualTime(function* () {
      const channel = new Channel<number>();
      const error = yield* failureOf(
        taskGroup(function* (group) {
          group.spawn(function* () {
            yield;
            channel.tryPut(1); // the body is given something, and is not there yet
            throw new Error("mine");
          });
          return yield* channel.take();
        }),
      );
      expect(error).toEqual(new Error("mine"));
      yield* sleep(1); // nothing is left to be thrown here
    }));

  test("whose body fails cancels its tasks and throws that", () =>
    inVirtualTime(function* () {
      const error = yield* failureOf(
        taskGroup(function* (group) {
          group.spawn(worker("a", 1000));
          yield;
          throw new Error("of the body");
        }),
      );
      expect([error, trace]).toEqual([new Error("of the body"), ["a was cancelled"]]);
    }));

  test("throws several errors together, each once", () =>
    inVirtualTime(function* () {
      const error = yield* failureOf(
        taskGroup((group) => {
          group.spawn(function* () {
            try {
              yield* sleep(1000);
            } finally {
              // biome-ignore lint/correctness/noUnsafeFinally: it fails while it is cancelled
              throw new Error("in cleaning up");
            }
          });
          group.spawn(worker("bad", 5, "mine"));
        }),
      );
      expect(error).toBeInstanceOf(AggregateError);
      expect(error.errors).toEqual([new Error("mine"), new Error("in cleaning up")]);
    }));

  test("leaves the error of a task to the one that joins it", () =>
    inVirtualTime(function* () {
      const result = yield* taskGroup(function* (group) {
        group.spawn(worker("a", 20));
        const bad = group.spawn(worker("bad", 5, "mine"));
        return yield* failureOf(bad.join());
      });
      expect([result, trace]).toEqual([new Error("mine"), ["a ends"]]);
    }));

  test("whose own task is cancelled cancels its tasks, in its body and after it", () =>
    inVirtualTime(function* () {
      for (const ms of [1000, 0]) {
        trace.length = 0;
        const task = yield* spawn(() =>
          taskGroup(function* (group) {
            group.spawn(worker("a", 1000));
            yield* sleep(ms);
          }),
        );
        yield* sleep(10);
        task.cancel("reason");
        const error = yield* failureOf(join(task));
        expect(error).toMatchObject({ code: "ERR_TASK_CANCELLED", cause: "reason" });
        expect(trace).toEqual(["a was cancelled"]);
      }
    }));

  test("whose own task is cancelled while it cleans up waits for that", () =>
    inVirtualTime(function* () {
      const task = yield* spawn(() =>
        taskGroup((group) => {
          group.spawn(worker("bad", 5, "mine"));
          group.spawn(function* () {
            try {
              yield* sleep(1000);
            } finally {
              yield* sleep(100);
              trace.push("cleaned up");
            }
          });
        }),
      );
      yield* sleep(10);
      task.cancel();
      expect(yield* failureOf(join(task))).toEqual(new Error("mine"));
      expect(trace).toEqual(["cleaned up"]);
    }));

  test("cancels all its tasks when it is told, and goes on", () =>
    inVirtualTime(function* () {
      const result = yield* taskGroup(function* (group) {
        group.spawn(worker("a", 1000));
        group.spawn(worker("b", 1000));
        yield;
        group.cancel();
        return "body ends";
      });
      expect([result, trace]).toEqual(["body ends", ["a was cancelled", "b was cancelled"]]);
    }));

  test("may be within a group, whose error it becomes", () =>
    inVirtualTime(function* () {
      const error = yield* failureOf(
        taskGroup(function* (outer) {
          outer.spawn(worker("outer", 1000));
          yield* taskGroup((inner) => {
            inner.spawn(worker("inner", 1000));
            inner.spawn(worker("bad", 5, "mine"));
          });
        }),
      );
      expect([error, trace]).toEqual([new Error("mine"), ["inner was cancelled", "outer was cancelled"]]);
    }));

  test("begins only in a task", () => {
    expect(() => taskGroup(function* () {}).next()).toThrow(expect.objectContaining(code("ERR_NO_TASK")));
  });
});

test("a promise of one of its tasks takes its error", () =>
  inVirtualTime(function* () {
    yield* taskGroup(function* (group) {
      const bad = group.spawn(worker("bad", 1, "mine"));
      yield* call(() => expect(bad).rejects.toThrow("mine"));
    });
  }));
