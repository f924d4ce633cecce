/** The errors of the package: their classes, codes and messages, and what they carry. */
import { inspect } from "node:util";
import {
  Cancelled,
  Channel,
  ChannelClosedError,
  Coroutine,
  CoroutineError,
  call,
  cancelled,
  coroutine,
  DeadlockError,
  delegate,
  GeneratorExit,
  join,
  primed,
  race,
  Scheduler,
  StopIteration,
  select,
  sleep,
  spawn,
  TaskCancelledError,
  type TaskGroup,
  TestClock,
  taskGroup,
  timeout,
} from "@cordage/coroutine";
import { CordageError, TimeoutError } from "@cordage/ipc";
import { failureOf } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { thrownBy } from "./support/coroutines.js";

type Steps<R = any> = Generator<unknown, R, any>;

const averager = coroutine(function* averager(): Steps {
  try {
    return yield 0;
  } catch (error) {
    if (error instanceof GeneratorExit) yield "once more";
    throw new StopIteration();
  }
});

/** One that is waited for at its yield. */
function started(): ReturnType<typeof averager> {
  const one = averager();
  one.next();
  return one;
}

function resumesItself(): unknown {
  const one: Coroutine<unknown, unknown, any> = coroutine(function* me(): Steps {
    yield one.next();
  })();
  return one.next();
}

function sendsTo(iterable: Iterable<unknown, unknown, any>): unknown {
  const one = coroutine(function* (): Steps {
    yield* delegate(iterable);
  })();
  one.next();
  return one.send(1);
}

function closesThrough(): unknown {
  const inner = function* (): Steps {
    try {
      yield;
    } finally {
      yield;
    }
  };
  const one = coroutine(function* (): Steps {
    yield* delegate(inner());
  })();
  one.next();
  return one.close();
}

describe("a coroutine", () => {
  test.each([
    {
      code: "ERR_NOT_STARTED",
      call: () => averager().send(1),
      message:
        "cannot send a value to coroutine averager: it waits at no yield yet; call next() first, or make it with primed()",
    },
    { code: "ERR_ALREADY_RUNNING", call: resumesItself, message: "cannot resume coroutine me: it is running" },
    {
      code: "ERR_STOP_ITERATION",
      call: () => started().throw(TypeError),
      message: "coroutine averager threw a StopIteration: return ends a coroutine",
    },
    {
      code: "ERR_IGNORED_EXIT",
      call: () => started().close(),
      message: "cannot close coroutine averager: it yielded instead of ending",
    },
    {
      code: "ERR_IGNORED_EXIT",
      call: closesThrough,
      message: "cannot close a generator: it yielded instead of ending",
    },
    {
      code: "ERR_NOT_SENDABLE",
      call: () => sendsTo([1, 2]),
      message: "cannot send a value: the iterator that is delegated to takes none",
    },
  ])("refuses with $code: $message", ({ code, call, message }) => {
    const error = thrownBy(call);
    expect(error).toBeInstanceOf(CoroutineError);
    expect(error).toBeInstanceOf(CordageError);
    expect(error).toMatchObject({ name: "CoroutineError", code, message });
    expect(error.stack).toMatch(/\n {4}at /);
  });

  test.each([
    { call: () => coroutine(1 as any), message: /^cannot make a coroutine function: .*, received 1$/ },
    { call: () => primed(undefined as any), message: /^cannot make a coroutine function: .*, received undefined$/ },
    { call: () => coroutine((() => 1) as any)(), message: /^cannot make a coroutine: .*, received 1$/ },
    { call: () => coroutine((() => []) as any)(), message: /^cannot make a coroutine: .*, received \[\]$/ },
    { call: () => coroutine(averager as any)(), message: /, received <coroutine averager: created>$/ },
    { call: () => coroutine(async function* () {} as any)(), message: /^cannot make a coroutine: .*AsyncGenerator/ },
    { call: () => new Coroutine(null as any), message: /^cannot make a coroutine: .*, received null$/ },
    { call: () => new Coroutine((function* () {})(), 5 as any), message: /^cannot name a coroutine: / },
    { call: () => delegate(1 as any).next(), message: /^cannot delegate: .*, received 1$/ },
    {
      call: () => delegate({ [Symbol.iterator]: () => 2 } as any).next(),
      message: /^cannot delegate: .*, received 2$/,
    },
  ])("takes no argument of a wrong type: $message", ({ call, message }) => {
    const error = thrownBy(call);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: "ERR_INVALID_ARG_TYPE", message: expect.stringMatching(message) });
  });
});

describe("StopIteration and GeneratorExit", () => {
  test("are errors with their names, of no package and without a code", () => {
    for (const [signal, name] of [
      [new StopIteration(1), "StopIteration"],
      [new GeneratorExit(), "GeneratorExit"],
    ] as const) {
      expect(signal).toBeInstanceOf(Error);
      expect(signal).not.toBeInstanceOf(CordageError);
      expect(signal.name).toBe(name);
      expect(String(signal)).toMatch(new RegExp(`^${name}: the coroutine `));
    }
    expect(new GeneratorExit("why").message).toBe("why");
  });

  test("say what ended, without a stack", () => {
    const one = coroutine(function* sums(): Steps<number> {
      return 3;
    })();
    const end = thrownBy(() => one.next());
    expect(end).toMatchObject({ value: 3, message: "coroutine sums has ended" });
    for (const signal of [end, new GeneratorExit()]) expect(signal.stack ?? "").not.toContain("\n    at ");
    expect(inspect(end)).toContain("coroutine sums has ended");
  });

  test("leave other errors their stacks, also where the limit cannot be changed", () => {
    const limit = Error.stackTraceLimit;
    new StopIteration();
    expect(Error.stackTraceLimit).toBe(limit);
    Object.defineProperty(Error, "stackTraceLimit", { writable: false });
    try {
      expect(new StopIteration(1).value).toBe(1);
      expect(new Error("other").stack).toMatch(/\n {4}at /);
    } finally {
      Object.defineProperty(Error, "stackTraceLimit", { writable: true });
    }
  });
});

// --- what the scheduler and its effects refuse

/** What a program fails with in a scheduler of its own, whose time takes none. */
function failureIn(program: (scheduler: Scheduler) => Steps): Promise<any> {
  const scheduler = new Scheduler({ clock: new TestClock() });
  return failureOf(scheduler.runUntilComplete(() => program(scheduler)));
}

/** Waits for a channel in which nobody puts anything. */
function* waitsForever(): Steps {
  yield* new Channel().take();
}

describe("a task", () => {
  test.each([
    {
      code: "ERR_NO_TASK",
      failing: async () => thrownBy(() => [...spawn(waitsForever())]),
      message: /^cannot .*: no task of a scheduler runs; use yield\* inside one$/,
    },
    {
      code: "ERR_NO_TASK",
      failing: async () => thrownBy(() => [...cancelled()]),
      message: /no task of a scheduler runs/,
    },
    {
      code: "ERR_NOT_DONE",
      failing: async () => thrownBy(() => new Scheduler().spawn(waitsForever, { name: "reader" }).result),
      message: /^cannot have the result of reader: it has not ended$/,
    },
    {
      code: "ERR_ALREADY_RUNNING",
      failing: () =>
        failureIn(function* (scheduler) {
          yield* call(scheduler.runUntilComplete(waitsForever));
        }),
      message: /^cannot run the scheduler: it runs; spawn the task$/,
    },
    {
      code: "ERR_GROUP_CLOSED",
      failing: () =>
        failureIn(function* () {
          let left: TaskGroup | undefined;
          yield* taskGroup(function* (group): Steps {
            left = group;
          });
          left!.spawn(waitsForever);
        }),
      message: /^cannot spawn a task: its group has ended$/,
    },
  ])("refuses with $code: $message", async ({ code, failing, message }) => {
    const error = await failing();
    expect(error).toBeInstanceOf(CoroutineError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each([
    { wrong: () => sleep("1" as any), message: /^cannot sleep: .*, received '1'$/ },
    { wrong: () => sleep(Number.NaN), message: /^cannot sleep: .*, received NaN$/ },
    { wrong: () => call(1 as any), message: /^cannot call: .*, received 1$/ },
    { wrong: () => join({} as any), message: /^cannot join: .*, received \{\}$/ },
    { wrong: () => timeout(Number.NaN, waitsForever()).next(), message: /^cannot set a timeout: .*, received NaN$/ },
    { wrong: () => race().next(), message: /^cannot race: .*, received \[\]$/ },
    { wrong: () => select(...([1] as any)), message: /^cannot select: / },
    { wrong: () => new Scheduler({ clock: {} as any }), message: /^cannot make a scheduler: clock .*, received \{\}$/ },
    { wrong: () => new Scheduler().spawn(1 as any), message: /^cannot spawn a task: .*, received 1$/ },
  ])("takes no argument of a wrong type: $message", ({ wrong, message }) => {
    const error = thrownBy(wrong);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: "ERR_INVALID_ARG_TYPE", message: expect.stringMatching(message) });
  });

  test.each([
    { wrong: () => new Scheduler({ seed: 0.5 }), message: /seed/ },
    { wrong: () => new TestClock().advance(-1), message: /^cannot advance the clock: .*, received -1$/ },
    { wrong: () => new Channel(-1), message: /, received -1$/ },
  ])("takes no number out of its range: $message", ({ wrong, message }) => {
    const error = thrownBy(wrong);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ code: "ERR_OUT_OF_RANGE", message: expect.stringMatching(message) });
  });

  test.each([
    { yielded: 1, hint: "a task yields effects, or nothing" },
    { yielded: Promise.resolve(), hint: "a promise is waited for with yield* call(promise)" },
  ])("yields only effects: $hint", async ({ yielded, hint }) => {
    const error = await failureIn(function* () {
      yield yielded;
    });
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: "ERR_INVALID_ARG_TYPE", message: expect.stringContaining(hint) });
  });

  test("that is cancelled has Cancelled thrown in it, and its joiners a TaskCancelledError, both with the reason", async () => {
    const reason = new Error("no longer needed");
    let inside: unknown;
    const error = await failureIn(function* (scheduler) {
      const task = scheduler.spawn(
        function* (): Steps {
          try {
            yield* waitsForever();
          } catch (thrown) {
            inside = thrown;
            throw thrown;
          }
        },
        { name: "reader" },
      );
      yield;
      task.cancel(reason);
      yield* task.join();
    });
    expect(inside).toBeInstanceOf(Cancelled);
    expect(inside).toMatchObject({ name: "Cancelled", code: "ERR_CANCELLED", cause: reason });
    expect(error).toBeInstanceOf(TaskCancelledError);
    expect(error).not.toBeInstanceOf(Cancelled);
    expect(error).toMatchObject({ name: "TaskCancelledError", code: "ERR_TASK_CANCELLED", cause: reason });
    expect(error.message).toBe("reader was cancelled");
  });

  test("has no cause for its cancellation if there is no reason", () => {
    expect("cause" in new Cancelled()).toBe(false);
    expect("cause" in new TaskCancelledError("one")).toBe(false);
  });

  test("that takes too long fails with Python's TimeoutError", async () => {
    const error = await failureIn(function* () {
      yield* timeout(5, waitsForever());
    });
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: "ERR_TIMEOUT", message: expect.stringContaining("within 5 ms") });
  });

  test("that waits for itself, or with all others for each other, is a deadlock", async () => {
    const alone = await failureIn(function* (scheduler) {
      const task: any = scheduler.spawn(function* (): Steps {
        yield* task.join();
      });
      yield* task.join();
    });
    expect(alone).toMatchObject({ code: "ERR_DEADLOCK", message: expect.stringContaining("would wait for itself") });
    const scheduler = new Scheduler({ clock: new TestClock() });
    for (let i = 0; i < 22; i++) scheduler.spawn(waitsForever, { name: `reader ${i}` });
    const error = await failureOf(scheduler.run());
    expect(error).toBeInstanceOf(DeadlockError);
    expect(error).toMatchObject({ name: "DeadlockError", code: "ERR_DEADLOCK" });
    expect(error.waiting).toHaveLength(22);
    expect(error.message.split("\n").at(1)).toMatch(/^ {2}reader 0: .*channel/);
    expect(error.message.split("\n").at(-1)).toBe("  and 2 more");
  });

  test("that uses a closed channel has what it wanted to put given back", async () => {
    const channel = new Channel<string>();
    channel.close();
    const put = await failureIn(() => channel.put("letter")[Symbol.iterator]() as Steps);
    const take = await failureIn(() => channel.take()[Symbol.iterator]() as Steps);
    expect(put).toBeInstanceOf(ChannelClosedError);
    expect(put).toMatchObject({ name: "ChannelClosedError", code: "ERR_CHANNEL_CLOSED", item: "letter" });
    expect(put.message).toBe("cannot put into the channel: it is closed");
    expect(take).toMatchObject({ code: "ERR_CHANNEL_CLOSED", message: "cannot take from the channel: it is closed" });
    expect(thrownBy(() => channel.tryPut("letter"))).toMatchObject({ item: "letter" });
  });
});
