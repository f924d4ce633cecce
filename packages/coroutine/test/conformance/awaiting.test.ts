/** CPython's tests of async functions that hold for coroutines which are driven by hand: `await` is `yield*`. */
import { type Coroutine, coroutine, delegate } from "@cordage/coroutine";
import { describe, expect, test } from "@jest/globals";
import { endOf, expectEnded, run, thrownBy } from "../support/coroutines.js";

type Steps<R = unknown> = Generator<unknown, R, any>;

/** A coroutine that awaits what it is given. */
const awaits = coroutine(function* (awaited: Iterable<unknown, unknown, any>): Steps {
  return yield* delegate(awaited);
});

/** What is awaited in Python by its hook, `__await__`. */
function awaitable(hook: () => unknown): Iterable<unknown, unknown, any> {
  return { [Symbol.iterator]: hook } as Iterable<unknown, unknown, any>;
}

describe("driven by hand, a coroutine", () => {
  // 104 CoroutineTest.test_func_1
  test("that never waits has its result at once, alone and awaited", () => {
    const foo = coroutine(function* (): Steps<number> {
      return 10;
    });
    expect(run(foo())).toEqual([[], 10]);
    expect(run(awaits(foo()))).toEqual([[], 10]);
  });

  // 109 CoroutineTest.test_func_6, 111 CoroutineTest.test_func_8
  test("yields what those yield that it awaits", () => {
    const bar = coroutine(function* (): Steps<string> {
      yield 1;
      yield 2;
      return "spam";
    });
    const one = awaits(bar());
    expect([one.send(undefined), one.send(undefined)]).toEqual([1, 2]);
    expect(endOf(() => one.send(undefined))).toBe("spam");
    expectEnded(one);
  });

  // CoroutineTest.test_func_10
  test("runs the catch and the finally of those that it awaits, once", () => {
    let n = 0;
    const gen = coroutine(function* (): Steps<void> {
      try {
        const a: number = yield;
        yield a ** 2;
      } catch (error) {
        if (error instanceof RangeError) n += 100;
        throw error;
      } finally {
        n += 1;
      }
    });
    const one = awaits(gen());
    one.next();
    expect([one.send(10), n]).toEqual([100, 0]);
    one.close();
    expect(n).toBe(1);
    const other = awaits(gen());
    other.next();
    expect(() => other.throw(RangeError)).toThrow(RangeError);
    expect(n).toBe(102);
  });

  // 140 CoroutineTest.test_await_14
  test("passes what is sent and thrown on to the innermost one", () => {
    class Marker extends Error {}
    const futureLike = awaitable(function* (): Steps {
      return yield;
    });
    const coro1 = coroutine(function* (): Steps {
      try {
        return yield* delegate(futureLike);
      } catch {
        throw new Marker();
      }
    });
    const one = awaits(coro1());
    one.next();
    expect(endOf(() => one.send("spam"))).toBe("spam");
    const other = awaits(coro1());
    other.next();
    expect(() => other.throw(RangeError)).toThrow(Marker);
  });

  // 136 CoroutineTest.test_await_10
  test("may await what another one has given it", () => {
    const baz = coroutine(function* (): Steps<number> {
      return 42;
    });
    const bar = coroutine(function* (): Steps<Coroutine<unknown, number, any>> {
      return baz();
    });
    const foo = coroutine(function* (): Steps<number> {
      return yield* yield* bar();
    });
    expect(run(foo())).toEqual([[], 42]);
  });

  // CoroutineTest.test_coro_wrapper_send_tuple
  test("may return an array, which stays one", () => {
    const foo = coroutine(function* (): Steps<number[]> {
      return [10];
    });
    expect(run(awaits(foo()))).toEqual([[], [10]]);
  });
});

describe("what is awaited", () => {
  // 129 CoroutineTest.test_await_3, 132 CoroutineTest.test_await_6
  test.each([[[1, 2, 3]], [[52]], [[]]])("may be an iterable, whose values come out: %p", (values) => {
    expect(run(awaits(values))).toEqual([values, undefined]);
    expect(run(awaits(awaitable(() => values.values())))).toEqual([values, undefined]);
  });

  // 130 CoroutineTest.test_await_4
  test("may be a coroutine, whose result it gives", () => {
    const bar = coroutine(function* (): Steps<number> {
      return 42;
    });
    expect(run(awaits(bar()))).toEqual([[], 42]);
  });

  // CoroutineTest.test_await_7
  test("may be what has a generator for its hook", () => {
    const hook = function* (): Steps<number> {
      yield 42;
      return 100;
    };
    expect(run(awaits(awaitable(hook)))).toEqual([[42], 100]);
  });

  // 127 CoroutineTest.test_await_1, 134 CoroutineTest.test_await_8
  test.each([1, null, undefined, {}, Promise.resolve(1)])("must be iterable, unlike %p", (awaited) => {
    const one = awaits(awaited as any);
    const error = thrownBy(() => one.next());
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
      message: expect.stringMatching(/^cannot delegate: .*, received /),
    });
    expectEnded(one);
  });

  // 131 CoroutineTest.test_await_5, 139 CoroutineTest.test_await_13
  test("must have a hook that gives an iterator", () => {
    const itself = awaitable(() => itself);
    for (const awaited of [awaitable(() => undefined), awaitable(() => 1), itself]) {
      const error = thrownBy(() => awaits(awaited).next());
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    }
  });
});
