/**
 * CPython's tests of `async with` and `async for`, as coroutines: what enters, leaves and fetches may wait. JavaScript has
 * neither statement, so two functions stand for them.
 */
import { coroutine, Scheduler, sleep, TestClock } from "@cordage/coroutine";
import { describe, expect, test } from "@jest/globals";
import { run, thrownBy } from "../support/coroutines.js";

type Steps<R = void> = Generator<unknown, R, any>;

interface AsyncManager {
  enter(): Steps;
  /** Whether the error is to be forgotten. */
  exit(error?: unknown): Steps<boolean>;
}

/** `async with manager: body` */
function* within(manager: AsyncManager, body: () => Steps): Steps {
  yield* manager.enter();
  try {
    yield* body();
  } catch (error) {
    if (yield* manager.exit(error)) return;
    throw error;
  }
  yield* manager.exit();
}

/** `async for value in iterator: body`, up to the first undefined; leaves when `body` returns false. */
function* each<T>(iterator: { next(): Steps<T | undefined> }, body: (value: T) => unknown): Steps<boolean> {
  for (;;) {
    const value = yield* iterator.next();
    if (value === undefined) return true;
    if (body(value) === false) return false;
  }
}

/** `suppresses`: whether its exit forgets an error. */
function manager(name: string, suppresses = false): AsyncManager {
  return {
    *enter() {
      yield `enter-1-${name}`;
      yield `enter-2-${name}`;
    },
    *exit() {
      yield `exit-1-${name}`;
      yield `exit-2-${name}`;
      return suppresses;
    },
  };
}

const fails = function* (): Steps<never> {
  throw new RangeError("1/0");
};
const passes = function* (): Steps {};

describe("async with", () => {
  const nested = coroutine(function* (a: AsyncManager, b: AsyncManager): Steps {
    yield* within(a, () =>
      within(b, function* () {
        yield "managers";
        throw new RangeError("1/0");
      }),
    );
  });
  const order = (b: string) => [
    "enter-1-A",
    "enter-2-A",
    `enter-1-${b}`,
    `enter-2-${b}`,
    "managers",
    `exit-1-${b}`,
    `exit-2-${b}`,
    "exit-1-A",
    "exit-2-A",
  ];

  // 144 CoroutineTest.test_with_1
  test("enters and leaves in order, and a truthy exit forgets the error", () => {
    expect(run(nested(manager("A"), manager("B", true)))[0]).toEqual(order("B"));
  });

  // 144 CoroutineTest.test_with_1
  test("leaves in order also when the error is not forgotten", () => {
    const seen: unknown[] = [];
    expect(() => {
      for (const step of nested(manager("A"), manager("C"))) seen.push(step);
    }).toThrow(RangeError);
    expect(seen).toEqual(order("C"));
  });

  // 152 CoroutineTest.test_with_9
  test("throws what the exit throws, after the body", () => {
    let count = 0;
    const one = coroutine(function* (): Steps {
      yield* within({ enter: passes, exit: fails }, function* () {
        count++;
      });
    })();
    expect(() => run(one)).toThrow(RangeError);
    expect(count).toBe(1);
  });

  // 154 CoroutineTest.test_with_11, 156 CoroutineTest.test_with_13
  test("throws what entering throws, without body, exit and what comes after it", () => {
    let count = 0;
    const failure = new RangeError("not entered");
    const broken: AsyncManager = {
      *enter() {
        throw failure;
      },
      *exit() {
        count += 100;
        return true;
      },
    };
    const one = coroutine(function* (): Steps {
      count++;
      yield* within(broken, function* () {
        count += 1000;
      });
      count += 10_000;
    })();
    expect(thrownBy(() => run(one))).toBe(failure);
    expect([count, failure.cause]).toEqual([1, undefined]);
  });

  // 155 CoroutineTest.test_with_12
  test("goes on after it when a truthy exit has forgotten the error", () => {
    const one = coroutine(function* (): Steps<string> {
      yield* within(manager("A", true), fails);
      return "went on";
    })();
    expect(run(one)[1]).toBe("went on");
  });

  // 194 CoroAsyncIOCompatTest.test_asyncio_1
  test("works among sleeping tasks of a scheduler", async () => {
    const buffer: unknown[] = [];
    const sleepy: AsyncManager = {
      *enter() {
        yield* sleep(10);
        buffer.push(1);
      },
      *exit(error) {
        yield* sleep(10);
        buffer.push((error as Error).name);
        return false;
      },
    };
    const program = coroutine(function* (): Steps {
      yield* within(sleepy, function* () {
        yield* sleep(10);
        buffer.push(2);
        throw new RangeError("1/0");
      });
      buffer.push("unreachable");
    });
    const scheduler = new Scheduler({ clock: new TestClock() });
    await expect(scheduler.runUntilComplete(program())).rejects.toThrow(new RangeError("1/0"));
    expect(buffer).toEqual([1, 2, "RangeError"]);
  });
});

describe("async for", () => {
  /** 1 to `last`; every tenth is waited for. */
  function countTo(last: number) {
    let i = 0;
    return {
      *next(): Steps<number | undefined> {
        i++;
        if (i % 10 === 0) yield i * 10;
        return i > last ? undefined : i;
      },
    };
  }
  const tens = Array.from({ length: 10 }, (_, i) => (i + 1) * 100);
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

  const loop = coroutine(function* (buffer: unknown[], body: (i: number) => unknown): Steps {
    if (yield* each(countTo(100), body)) buffer.push("else");
    buffer.push("end");
  });

  // 157 CoroutineTest.test_for_1
  test("waits where its iterator waits, and has every value", () => {
    const buffer: unknown[] = [];
    expect(run(loop(buffer, (i) => buffer.push(i)))[0]).toEqual(tens);
    expect(buffer).toEqual([...numbers(100), "else", "end"]);
  });

  // 157 CoroutineTest.test_for_1
  test("waits no more when it is left", () => {
    const buffer: unknown[] = [];
    const yielded = run(loop(buffer, (i) => buffer.push(i) < 20))[0];
    expect(yielded).toEqual([100, 200]);
    expect(buffer).toEqual([...numbers(20), "end"]);
  });

  // 161 CoroutineTest.test_for_6
  test.each([
    { loops: 1, extra: 0, sum: 111_011 },
    { loops: 2, extra: 0, sum: 222_022 },
    { loops: 2, extra: 10_000_100, sum: 20_222_222 },
  ])("inside of async with runs all of both: $loops times, $sum", ({ loops, extra, sum }) => {
    let total = 0;
    const counting: AsyncManager = {
      *enter() {
        total += 10_000;
      },
      *exit() {
        total += 100_000;
        return false;
      },
    };
    const main = coroutine(function* (): Steps {
      for (let i = 0; i < loops; i++) {
        yield* within(counting, function* () {
          if (yield* each(countTo(11), () => total++)) total += extra;
        });
        total += 1000;
      }
    });
    run(main());
    expect(total).toBe(sum);
  });

  // 162 CoroutineTest.test_for_7
  test("does not begin when it cannot have an iterator", () => {
    let count = 0;
    const main = coroutine(function* (make: () => { next(): Steps<number> }): Steps {
      yield* each(make(), () => count++);
      count += 10;
    });
    const failing = () => {
      throw new RangeError("1/0");
    };
    expect(() => run(main(failing))).toThrow(RangeError);
    expect(count).toBe(0);
  });
});
