/** Python's `yield from`: what passes between whoever drives a coroutine and the one that it delegates to. */
import { type Coroutine, coroutine, delegate, GeneratorExit, StopIteration } from "@cordage/coroutine";
import { describe, expect, test } from "@jest/globals";
import { endOf, expectEnded, sendNumbers, thrownBy } from "../support/coroutines.js";
import { kinds } from "../support/kinds.js";

type Made = Generator<string, void, unknown>;

class LunchError extends Error {}

describe.each(kinds)("$name: what comes out", ({ from }) => {
  // 60 TestPEP380Operation.test_delegation_of_initial_next_to_subgenerator
  test("of the first next is the inner one's first value", () => {
    const trace: string[] = [];
    const g2 = from(function* (): Generator<number, void, unknown> {
      trace.push("Starting g2");
      yield 42;
      trace.push("Finishing g2");
    });
    const g1 = coroutine(function* (): Generator<number, void, unknown> {
      trace.push("Starting g1");
      yield* g2();
      trace.push("Finishing g1");
    });
    for (const x of g1()) trace.push(`Yielded ${x}`);
    expect(trace).toEqual(["Starting g1", "Starting g2", "Yielded 42", "Finishing g2", "Finishing g1"]);
  });

  // 62 TestPEP380Operation.test_delegation_of_next_call_to_subgenerator
  test("is in order", () => {
    const { trace, g1 } = hamAndSpam(from);
    for (const x of g1()) trace.push(`Yielded ${x}`);
    expect(trace).toEqual([
      "Starting g1",
      "Yielded g1 ham",
      "Starting g2",
      "Yielded g2 spam",
      "Yielded g2 more spam",
      "Finishing g2",
      "Yielded g1 eggs",
      "Finishing g1",
    ]);
  });

  // 61 TestPEP380Operation.test_raising_exception_in_initial_next_call
  test("is the error of the inner one's first step, after the finally of both", () => {
    const trace: string[] = [];
    const g2 = from(function* (): Made {
      try {
        trace.push("Starting g2");
        throw new RangeError("spanish inquisition occurred");
      } finally {
        trace.push("Finishing g2");
      }
    });
    const g1 = coroutine(function* (): Made {
      try {
        trace.push("Starting g1");
        yield* g2();
      } finally {
        trace.push("Finishing g1");
      }
    });
    expect(() => [...g1()]).toThrow(new RangeError("spanish inquisition occurred"));
    expect(trace).toEqual(["Starting g1", "Starting g2", "Finishing g2", "Finishing g1"]);
  });

  // TestPEP380Operation.test_raising_exception_in_delegated_next_call
  test("is the error of a later step, after the finally of both", () => {
    const trace: string[] = [];
    const g2 = from(function* (): Made {
      try {
        yield "g2 spam";
        throw new RangeError("hovercraft is full of eels");
      } finally {
        trace.push("Finishing g2");
      }
    });
    const g1 = coroutine(function* (): Made {
      try {
        yield "g1 ham";
        yield* g2();
        yield "g1 eggs";
      } finally {
        trace.push("Finishing g1");
      }
    });
    const seen: string[] = [];
    expect(() => {
      for (const x of g1()) seen.push(x);
    }).toThrow(new RangeError("hovercraft is full of eels"));
    expect(seen).toEqual(["g1 ham", "g2 spam"]);
    expect(trace).toEqual(["Finishing g2", "Finishing g1"]);
  });

  // 71 TestPEP380Operation.test_generator_return_value
  test("to the outer one is what the inner one returned", () => {
    const g2 = from(function* (value?: unknown): Generator<string, unknown, unknown> {
      yield "spam";
      return value;
    });
    const g1 = coroutine(function* (): Generator<string, unknown[], unknown> {
      const returned: unknown[] = [yield* g2()];
      for (const value of [1, [2], new StopIteration(3)]) returned.push(yield* g2(value));
      return returned;
    });
    const one = g1();
    for (let i = 0; i < 4; i++) expect(one.next()).toBe("spam");
    expect(endOf(() => one.next())).toEqual([undefined, 1, [2], new StopIteration(3)]);
  });

  // 70 TestPEP380Operation.test_exception_value_crash
  test("does not include what the inner one returned", () => {
    const g2 = from(function* (): Generator<string, number[], unknown> {
      yield "g2";
      return [42];
    });
    const g1 = coroutine(function* (): Made {
      yield* g2();
    });
    expect([...g1()]).toEqual(["g2"]);
  });
});

describe.each(kinds)("$name: what is sent", ({ from }) => {
  // 64 TestPEP380Operation.test_delegation_of_send
  test("arrives at whoever waits", () => {
    const { trace, g1 } = received(from, () => {});
    sendNumbers(g1(), (yielded) => trace.push(`Yielded ${yielded}`));
    expect(trace).toEqual([
      "g1 received 1",
      "Yielded g2 spam",
      "g2 received 2",
      "Yielded g2 more spam",
      "g2 received 3",
      "Yielded g1 eggs",
      "g1 received 4",
    ]);
  });

  // 65 TestPEP380Operation.test_handling_exception_while_delegating_send
  test("may make the inner one throw", () => {
    const { trace, g1 } = received(from, () => {
      throw new RangeError("hovercraft is full of eels");
    });
    expect(() => sendNumbers(g1(), (yielded) => trace.push(`Yielded ${yielded}`))).toThrow(
      new RangeError("hovercraft is full of eels"),
    );
    expect(trace).toEqual(["g1 received 1", "Yielded g2 spam", "g2 received 2"]);
  });
});

describe.each(kinds)("$name: close() and throw()", ({ from }) => {
  /** Driven up to the inner one's first yield. */
  function started(inner: (...args: any[]) => Generator<unknown, unknown, unknown>) {
    const make = from(inner);
    const trace: string[] = [];
    const outer = coroutine(function* (): Generator<unknown, unknown, unknown> {
      try {
        const returned = yield* make();
        trace.push("Exit outer");
        return returned;
      } finally {
        trace.push("Finishing outer");
      }
    });
    const one = outer();
    one.next();
    return { one, trace };
  }

  // 66 TestPEP380Operation.test_delegating_close
  test("closing finishes the inner one, then the outer one", () => {
    const { trace, g1 } = hamAndSpam(from);
    const one = g1();
    for (let i = 0; i < 2; i++) one.next();
    trace.length = 0;
    one.close();
    expect(trace).toEqual(["Finishing g2", "Finishing g1"]);
  });

  // 67 TestPEP380Operation.test_handing_exception_while_delegating_close
  test("closing throws what the inner one's finally throws, after the outer one's", () => {
    const { one, trace } = started(function* () {
      try {
        yield "g2 spam";
      } finally {
        trace.push("Finishing inner");
        // biome-ignore lint/correctness/noUnsafeFinally: that is what the test is about
        throw new RangeError("nybbles have exploded with delight");
      }
    });
    expect(() => one.close()).toThrow(new RangeError("nybbles have exploded with delight"));
    expect(trace).toEqual(["Finishing inner", "Finishing outer"]);
  });

  // TestPEP380Operation.test_delegating_throw
  test("an error that nobody catches finishes the inner one, then the outer one", () => {
    const { trace, g1 } = hamAndSpam(from);
    const one = g1();
    for (let i = 0; i < 2; i++) one.next();
    trace.length = 0;
    const thrown = new RangeError("tomato ejected");
    expect(thrownBy(() => one.throw(thrown))).toBe(thrown);
    expect(trace).toEqual(["Finishing g2", "Finishing g1"]);
  });

  // 80 TestPEP380Operation.test_returning_value_from_delegated_throw
  test("an error that the inner one catches gives what it yields next, and all goes on", () => {
    const g2 = from(function* (): Made {
      try {
        yield "g2 spam";
        yield "g2 more spam";
      } catch (error) {
        if (!(error instanceof LunchError)) throw error;
        yield "g2 lunch saved";
        yield "g2 yet more spam";
      }
    });
    const g1 = coroutine(function* (): Made {
      yield "g1 ham";
      yield* g2();
      yield "g1 eggs";
    });
    const one = g1();
    expect([one.next(), one.next()]).toEqual(["g1 ham", "g2 spam"]);
    expect(one.throw(LunchError)).toBe("g2 lunch saved");
    expect([...one]).toEqual(["g2 yet more spam", "g1 eggs"]);
  });

  // TestPEP380Operation.test_catching_exception_from_subgen_and_returning
  test.each([2, [2], new StopIteration(2)])("an error may make the inner one return: %p", (value) => {
    const inner = from(function* (): Generator<unknown, unknown, unknown> {
      try {
        yield 1;
      } catch {}
      return value;
    });
    const outer = coroutine(function* (): Generator<unknown, void, unknown> {
      yield yield* inner();
    });
    const one = outer();
    expect([one.next(), one.throw(RangeError)]).toEqual([1, value]);
  });

  // 84 TestPEP380Operation.test_throwing_GeneratorExit_into_subgen_that_returns
  test("an exit is thrown in the outer one, also when the inner one returns", () => {
    const { one, trace } = started(function* () {
      try {
        yield;
      } catch {
        return "caught";
      }
      return "not caught";
    });
    const exit = new GeneratorExit();
    expect(thrownBy(() => one.throw(exit))).toBe(exit);
    expect(trace).toEqual(["Finishing outer"]);
  });

  // 85 TestPEP380Operation.test_throwing_GeneratorExit_into_subgenerator_that_yields
  test("an exit that the inner one ignores is refused", () => {
    const { one, trace } = started(function* () {
      try {
        yield;
      } catch {
        yield;
      }
    });
    expect(thrownBy(() => one.throw(GeneratorExit))).toMatchObject({ code: "ERR_IGNORED_EXIT" });
    expect(trace).toEqual(["Finishing outer"]);
  });

  // 86 TestPEP380Operation.test_throwing_GeneratorExit_into_subgen_that_raises
  test("an exit may become the error that the inner one throws instead", () => {
    const { one, trace } = started(function* () {
      try {
        yield;
      } catch {
        throw new RangeError("Vorpal bunny encountered");
      }
    });
    expect(() => one.throw(GeneratorExit)).toThrow(new RangeError("Vorpal bunny encountered"));
    expect(trace).toEqual(["Finishing outer"]);
  });

  test("closing reaches the innermost of a long chain first", () => {
    const closed: number[] = [];
    const level = (n: number): Iterable<unknown, void, unknown> =>
      from(function* (): Generator<unknown, void, unknown> {
        try {
          if (n === 0) yield;
          else yield* level(n - 1);
        } finally {
          closed.push(n);
        }
      })();
    const one = coroutine(function* (): Generator<unknown, void, unknown> {
      yield* level(20);
    })();
    one.next();
    one.close();
    expect(closed).toEqual(Array.from({ length: 21 }, (_, n) => n));
  });
});

describe.each(kinds)("$name: too deep for the stack", ({ from }) => {
  test("closes every coroutine on the way", () => {
    const all: Coroutine<void, void, unknown>[] = [];
    const level = coroutine(function* (): Generator<void, void, unknown> {
      yield* from(down)();
    });
    function* down(): Generator<void, void, unknown> {
      const one = level();
      all.push(one);
      yield* one;
    }
    expect(() => level().next()).toThrow(RangeError);
    expect(all.length).toBeGreaterThan(50);
    expect(new Set(all.map((one) => one.state))).toEqual(new Set(["closed"]));
  });
});

describe.each(kinds)("$name: a plain generator", ({ from }) => {
  function closedBy(leave: (outer: Generator<number, number, unknown>) => unknown): string[] {
    const trace: string[] = [];
    const inner = from(function* (): Generator<number, number, unknown> {
      try {
        yield 1;
        return 2;
      } finally {
        trace.push("inner");
      }
    });
    const outer = function* (): Generator<number, number, unknown> {
      try {
        return yield* inner();
      } finally {
        trace.push("outer");
      }
    };
    expect(leave(outer())).toBe(1);
    return trace;
  }

  test("closes the inner one first when a loop over it is left", () => {
    const leave = (outer: Iterable<number>) => {
      for (const value of outer) return value;
      return undefined;
    };
    expect(closedBy(leave)).toEqual(["inner", "outer"]);
  });

  test("closes the inner one first when it is made to return, with what it is given", () => {
    const leave = (outer: Generator<number, number, unknown>) => {
      const { value } = outer.next();
      expect(outer.return(7)).toEqual({ done: true, value: 7 });
      return value;
    };
    expect(closedBy(leave)).toEqual(["inner", "outer"]);
  });
});

describe.each(kinds)("$name: a coroutine that is running", ({ from }) => {
  // 79 TestPEP380Operation.test_attempted_yield_from_loop
  test("cannot be delegated to by the one that it delegates to", () => {
    const trace: string[] = [];
    const g2 = from(function* (): Made {
      yield "y2";
      trace.push("g2: about to yield from g1");
      yield* delegate(me);
      trace.push("g2 should not be here");
    });
    const g1 = coroutine(function* (): Made {
      yield "y1";
      trace.push("g1: about to yield from g2");
      yield* g2();
      trace.push("g1 should not be here");
    });
    const me: Coroutine<string, void, unknown> = g1();
    const seen: string[] = [];
    const error = thrownBy(() => {
      for (const y of me) seen.push(y);
    });
    expect(error).toMatchObject({ code: "ERR_ALREADY_RUNNING" });
    expect([seen, trace]).toEqual([
      ["y1", "y2"],
      ["g1: about to yield from g2", "g2: about to yield from g1"],
    ]);
  });

  class MyError extends Error {}

  // 89 TestPEP380Operation.test_delegating_generators_claim_to_be_running_with_throw
  test.each([
    { how: "next", resume: (one: Coroutine<number, void, unknown>) => one.next() },
    { how: "send", resume: (one: Coroutine<number, void, unknown>) => one.send(42) },
    { how: "throw", resume: (one: Coroutine<number, void, unknown>) => one.throw(MyError) },
  ])("is one also while the one runs that it delegates to, driven with $how", ({ resume }) => {
    const safely = function* (value: number): Generator<number, void, unknown> {
      try {
        yield value;
      } catch (error) {
        if (!(error instanceof MyError)) throw error;
      }
    };
    const two = from(function* (): Generator<number, void, unknown> {
      yield* safely(1);
      expect(thrownBy(() => [...me])).toMatchObject({ code: "ERR_ALREADY_RUNNING" });
      yield* safely(2);
    });
    const one = coroutine(function* (): Generator<number, void, unknown> {
      yield* safely(0);
      yield* two();
      yield* safely(3);
    });
    const me: Coroutine<number, void, unknown> = one();
    expect([me.next(), resume(me), resume(me), resume(me)]).toEqual([0, 1, 2, 3]);
    endOf(() => resume(me));
  });

  // 90 TestPEP380Operation.test_delegating_generators_claim_to_be_running_with_close
  test("is one also while the one is closed that it delegates to", () => {
    const states: string[] = [];
    const inner = from(function* (): Generator<number, void, unknown> {
      try {
        yield 42;
      } finally {
        states.push(me.state, thrownBy(() => me.next()).code);
      }
    });
    const outer = coroutine(function* (): Generator<number, void, unknown> {
      yield* inner();
    });
    const me: Coroutine<number, void, unknown> = outer();
    me.next();
    me.close();
    expect(states).toEqual(["running", "ERR_ALREADY_RUNNING"]);
  });
});

describe("delegate() to what is no generator", () => {
  const traced = (inner: Iterable<unknown, unknown, any>) => {
    const trace: unknown[] = [];
    const make = coroutine(function* (): Generator<unknown, unknown, any> {
      try {
        const returned = yield* delegate(inner);
        trace.push("after it");
        return returned;
      } finally {
        trace.push("finishing");
      }
    });
    return { one: make(), trace };
  };

  // 72 TestPEP380Operation.test_delegation_of_next_to_non_generator, TestPEP380Operation.test_conversion_of_sendNone_to_next
  test("gives what it gives, also for send(undefined)", () => {
    expect([...traced([0, 1, 2]).one]).toEqual([0, 1, 2]);
    expect([...traced("ham").one]).toEqual(["h", "a", "m"]);
    const { one } = traced(new Set([0, 1, 2]));
    expect([one.send(undefined), one.send(undefined), one.send(undefined)]).toEqual([0, 1, 2]);
    expectEndsOnce(one);
  });

  // 87 TestPEP380Operation.test_yield_from_empty
  test("ends at once if it is empty", () => {
    expectEndsOnce(traced([]).one);
  });

  // 92 TestPEP380Operation.test_custom_iterator_return
  test("gives what it ended with", () => {
    const { one } = traced(iterable({ next: () => ({ done: true, value: 42 }) }));
    expect(endOf(() => one.next())).toBe(42);
  });

  // 74 TestPEP380Operation.test_delegation_of_close_to_non_generator
  test("leaves only the outer one's finally to be run by close()", () => {
    const { one, trace } = traced([0, 1, 2]);
    one.next();
    expect(one.close()).toBeUndefined();
    expect(trace).toEqual(["finishing"]);
  });

  // 75 TestPEP380Operation.test_delegating_throw_to_non_generator
  test("throws an error where it is delegated", () => {
    const { one, trace } = traced([0, 1, 2, 3, 4]);
    for (let i = 0; i < 3; i++) one.next();
    const thrown = new RangeError("tomato ejected");
    expect(thrownBy(() => one.throw(thrown))).toBe(thrown);
    expect(trace).toEqual(["finishing"]);
  });

  // 76 TestPEP380Operation.test_attempting_to_send_to_non_generator
  test("throws where it is delegated when something is sent that it cannot take", () => {
    const { one, trace } = traced([0, 1, 2]);
    one.next();
    expect(thrownBy(() => one.send(42))).toMatchObject({ code: "ERR_NOT_SENDABLE" });
    expect(trace).toEqual(["finishing"]);
    expectEnded(one);
  });

  // 94 TestPEP380Operation.test_send_tuple_with_custom_generator
  test("sends to an iterator whose next() takes a value, as it is", () => {
    const sent: unknown[] = [];
    const { one } = traced(
      iterable({
        next(value: unknown) {
          sent.push(value);
          return { done: false, value: 42 };
        },
      }),
    );
    const tuple = [1, 2, 3, 4];
    expect([one.next(), one.send(tuple)]).toEqual([42, 42]);
    expect(sent).toEqual([undefined, tuple]);
    expect(sent[1]).toBe(tuple);
  });

  // 90 TestPEP380Operation.test_delegating_generators_claim_to_be_running_with_close
  test("closes it with its return(), while the outer one runs", () => {
    const states: string[] = [];
    const inner = iterable({
      next: () => ({ done: false, value: 42 }),
      return() {
        states.push(one.state, thrownBy(() => one.next()).code);
        return { done: true, value: undefined };
      },
    });
    const { one } = traced(inner) as { one: Coroutine<unknown, unknown, any> };
    one.next();
    one.close();
    expect(states).toEqual(["running", "ERR_ALREADY_RUNNING"]);
  });

  test.each([
    { what: "an error that it cannot take", act: (one: Coroutine<unknown>) => one.throw(new RangeError("left")) },
    { what: "a value that it cannot take", act: (one: Coroutine<unknown>) => one.send(1) },
  ])("closes it with its return() because of $what, which is what is thrown", ({ act }) => {
    let closed = 0;
    const inner = iterable({
      next: () => ({ done: false, value: 42 }),
      return() {
        closed++;
        throw new TypeError("not closed");
      },
    });
    const { one } = traced(inner);
    one.next();
    expect(thrownBy(() => act(one))).not.toBeInstanceOf(TypeError);
    expect(closed).toBe(1);
    expectEnded(one);
  });

  test("closes it with its return() also when a loop is left", () => {
    let closed = 0;
    const inner = iterable({
      next: () => ({ done: false, value: 42 }),
      return() {
        closed++;
        return { done: true, value: undefined };
      },
    });
    for (const value of delegate(inner)) {
      expect(value).toBe(42);
      break;
    }
    expect(closed).toBe(1);
  });

  // 77 TestPEP380Operation.test_broken_getattr_handling: what closing meets is thrown as well, Python prints it
  test.each([
    { how: "send", act: (one: Coroutine<unknown, unknown, any>) => one.send(1) },
    { how: "throw", act: (one: Coroutine<unknown, unknown, any>) => one.throw(TypeError) },
    { how: "close", act: (one: Coroutine<unknown, unknown, any>) => one.close() },
  ])("throws what looking for its methods throws: $how", ({ act }) => {
    const broken = {
      next: () => ({ done: false, value: 1 }),
      get throw(): never {
        throw new RangeError("broken");
      },
    };
    const { one, trace } = traced(iterable(broken));
    expect(one.next()).toBe(1);
    expect(() => act(one)).toThrow(new RangeError("broken"));
    expect(trace).toEqual(["finishing"]);
    expectEnded(one);
  });

  // 16 GeneratorTest.test_genexpr_only_calls_dunder_iter_once
  test("asks once for its iterator", () => {
    let asked = 0;
    const inner = {
      [Symbol.iterator]() {
        asked++;
        return [1, 2][Symbol.iterator]();
      },
    };
    expect([...traced(inner).one]).toEqual([1, 2]);
    expect(asked).toBe(1);
  });

  // TestPEP380Operation.test_exception_in_initial_next_call
  test("throws what its first step throws", () => {
    const failure = new RangeError("1/0");
    const next = () => {
      throw failure;
    };
    expect(thrownBy(() => traced(iterable({ next })).one.next())).toBe(failure);
  });
});

function iterable(iterator: Iterator<unknown, unknown, any>): Iterable<unknown, unknown, any> {
  return { [Symbol.iterator]: () => iterator };
}

function expectEndsOnce(one: Coroutine<unknown, unknown, any>): void {
  endOf(() => one.next());
  expectEnded(one);
}

/** g1 delegates to g2 between its ham and its eggs. */
function hamAndSpam(from: (typeof kinds)[number]["from"]) {
  const trace: string[] = [];
  const g2 = from(function* (): Made {
    try {
      trace.push("Starting g2");
      yield "g2 spam";
      yield "g2 more spam";
    } finally {
      trace.push("Finishing g2");
    }
  });
  const g1 = coroutine(function* (): Made {
    try {
      trace.push("Starting g1");
      yield "g1 ham";
      yield* g2();
      yield "g1 eggs";
    } finally {
      trace.push("Finishing g1");
    }
  });
  return { trace, g1 };
}

/** Both note what they receive; `then` is what g2 does after the first. */
function received(from: (typeof kinds)[number]["from"], then: () => void) {
  const trace: string[] = [];
  const g2 = from(function* (): Made {
    trace.push(`g2 received ${yield "g2 spam"}`);
    then();
    trace.push(`g2 received ${yield "g2 more spam"}`);
  });
  const g1 = coroutine(function* (): Made {
    trace.push(`g1 received ${yield "g1 ham"}`);
    yield* g2();
    trace.push(`g1 received ${yield "g1 eggs"}`);
  });
  return { trace, g1 };
}
