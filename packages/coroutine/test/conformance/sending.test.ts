/** What next and send give, take and end with. */
import { coroutine, delegate, primed, StopIteration } from "@cordage/coroutine";
import { describe, expect, test } from "@jest/globals";
import { endOf, expectEnded, thrownBy } from "../support/coroutines.js";

const echo = coroutine(function* (): Generator<number, unknown, unknown> {
  return yield 1;
});

describe("a coroutine that has not started", () => {
  // 10 GeneratorTest.test_send_non_none_to_new_gen, 116 CoroutineTest.test_func_13
  test.each([0, null, "", false, "spam"])("takes no value, such as %p, and can be started afterwards", (value) => {
    const one = echo();
    expect(thrownBy(() => one.send(value))).toMatchObject({ name: "CoroutineError", code: "ERR_NOT_STARTED" });
    expect(one.state).toBe("created");
    expect(one.next()).toBe(1);
  });

  test("starts with send(undefined) as with next()", () => {
    expect(echo().send(undefined)).toBe(1);
  });

  // PEP 342's consumer
  test("has started already if it was made with primed()", () => {
    const taken: string[] = [];
    const consumer = primed(function* consumer(): Generator<void, void, string> {
      for (;;) taken.push(yield);
    });
    const one = consumer();
    expect(one.state).toBe("suspended");
    one.send("ham");
    one.send("eggs");
    expect(taken).toEqual(["ham", "eggs"]);
    expect([consumer.name, one.name]).toEqual(["consumer", "consumer"]);
  });

  test("must have a yield if it is to be primed", () => {
    const never = primed(function* (): Generator<never, string, unknown> {
      return "over";
    });
    expect(endOf(() => never())).toBe("over");
  });
});

describe("a value that is sent", () => {
  // __test__.coroutine
  test("is what the yield gives", () => {
    const seen: unknown[] = [];
    const f = coroutine(function* (): Generator<number, void, unknown> {
      seen.push(yield 1);
      yield 2;
    });
    const one = f();
    expect([one.next(), one.send(42), seen]).toEqual([1, 2, [42]]);
  });

  // __test__.coroutine
  test("is added up by an accumulator", () => {
    const sums: number[] = [];
    const accumulator = coroutine(function* (): Generator<void, void, number> {
      for (let count = 0; count < 200; ) {
        count += yield;
        sums.push(count);
      }
    });
    const one = accumulator();
    one.next();
    for (let i = 0; i < 3; i++) one.send(10);
    expect(sums).toEqual([10, 20, 30]);
  });

  test("may be anything, also a promise or an iterable, which is not looked into", () => {
    for (const value of [null, Number.NaN, Promise.resolve(1), [2], new Error("3"), new StopIteration(4)]) {
      const one = echo();
      one.next();
      expect(endOf(() => one.send(value))).toBe(value);
    }
  });

  // 4 FinalizationTest.test_lambda_generator
  test("reaches an anonymous function, also through one or two others", () => {
    const f = () => echo();
    const g = coroutine(function* (): Generator<number, unknown, unknown> {
      return yield* f();
    });
    const h = coroutine(function* (): Generator<number, unknown, unknown> {
      return yield* delegate(g());
    });
    for (const make of [f, g, h]) {
      const one = make();
      expect(one.next()).toBe(1);
      expect(endOf(() => one.send(2))).toBe(2);
      expectEnded(one);
    }
  });
});

describe("what is returned", () => {
  // 29 ExceptionTest.test_return_tuple
  test("is the value of the StopIteration, an array too", () => {
    const one = echo();
    one.next();
    const pair = [2];
    expect(endOf(() => one.send(pair))).toBe(pair);
  });

  // 30 ExceptionTest.test_return_stopiteration, 124 CoroutineTest.test_coro_wrapper_send_stop_iterator
  test("may be a StopIteration, which is not unwrapped", () => {
    const one = echo();
    one.next();
    const end = endOf(() => one.send(new StopIteration(2)));
    expect(end).toBeInstanceOf(StopIteration);
    expect((end as StopIteration).value).toBe(2);
  });

  // 81 TestPEP380Operation.test_next_and_return_with_value, 82 TestPEP380Operation.test_send_and_return_with_value
  test.each([undefined, 1, [2], new StopIteration(3)])("arrives by next and by send: %p", (value) => {
    const trace: unknown[] = [];
    const g = coroutine(function* (): Generator<void, unknown, unknown> {
      trace.push(yield);
      return value;
    });
    for (const resume of [(one = g()) => one.next(), (one = g()) => one.send("spam")]) {
      const one = g();
      one.next();
      expect(endOf(() => resume(one))).toBe(value);
      expectEnded(one);
    }
    expect(trace).toEqual([undefined, "spam"]);
  });

  // 69 TestPEP380Operation.test_value_attribute_of_StopIteration_exception
  test("can be changed in the StopIteration, whose text stays", () => {
    expect(new StopIteration().value).toBeUndefined();
    const end = new StopIteration<string>("spam");
    const { message } = end;
    expect(end.value).toBe("spam");
    end.value = "eggs";
    expect([end.value, end.message]).toEqual(["eggs", message]);
  });
});
