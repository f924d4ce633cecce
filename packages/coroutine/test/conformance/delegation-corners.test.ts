/**
 * An outer coroutine delegates to one whose finally does something unexpected, and is closed there, or has something
 * thrown into it.
 */
import { coroutine, delegate, GeneratorExit, StopIteration } from "@cordage/coroutine";
import { describe, expect, test } from "@jest/globals";
import { endOf, expectEnded, thrownBy } from "../support/coroutines.js";
import { kinds } from "../support/kinds.js";

const first = { is: "yielded first" };
const second = { is: "yielded second" };
const returned = { is: "returned" };

type Made = Generator<unknown, unknown, unknown>;

/** What is thrown in that is no exit. */
const others = [
  { name: "a StopIteration", make: () => new StopIteration() },
  { name: "what is no Error", make: () => ({ no: "error" }) },
  { name: "an Error", make: () => new Error("thrown") },
];

/** What was thrown, itself; a StopIteration as the cause of an error (PEP 479). */
function expectToBe(error: any, thrown: unknown): void {
  if (!(thrown instanceof StopIteration)) expect(error).toBe(thrown);
  else expect([error.code, error.cause === thrown]).toEqual(["ERR_STOP_ITERATION", true]);
}

describe.each(kinds)("$name to an inner one", ({ from }) => {
  function started(inner: () => Made) {
    const make = from(inner);
    const outer = coroutine(function* (): Made {
      return yield* make();
    });
    const one = outer();
    expect(one.next()).toBe(first);
    return one;
  }

  /** Its finally throws. */
  const throwing = (raised: unknown) => () =>
    started(function* () {
      try {
        yield first;
        yield second;
        return returned;
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: that is what the test is about
        throw raised;
      }
    });

  /** What throwing it in throws, where that ends the coroutine. */
  function outcomeOf(make: () => ReturnType<typeof started>, thrown: unknown): unknown {
    const one = make();
    const error = thrownBy(() => one.throw(thrown));
    expectEnded(one);
    return error;
  }

  describe("without a finally", () => {
    const make = () =>
      started(function* () {
        yield first;
        yield second;
        return returned;
      });

    // 95 TestInterestingEdgeCases.test_close_and_throw_work
    test("is closed", () => {
      const one = make();
      expect(one.close()).toBeUndefined();
      expectEnded(one);
    });

    // 95 TestInterestingEdgeCases.test_close_and_throw_work
    test("gives the exit that was thrown", () => {
      const exit = new GeneratorExit();
      expect(outcomeOf(make, exit)).toBe(exit);
    });

    // 95 TestInterestingEdgeCases.test_close_and_throw_work
    test.each(others)("gives what was thrown: $name", ({ make: makeThrown }) => {
      const thrown = makeThrown();
      expectToBe(outcomeOf(make, thrown), thrown);
    });
  });

  describe("whose finally throws another exit", () => {
    // 96 TestInterestingEdgeCases.test_close_and_throw_raise_generator_exit
    test("is closed", () => {
      const one = throwing(new GeneratorExit("raised"))();
      expect(one.close()).toBeUndefined();
      expectEnded(one);
    });

    // 96 TestInterestingEdgeCases.test_close_and_throw_raise_generator_exit
    test("gives the exit that was thrown in", () => {
      const exit = new GeneratorExit();
      expect(outcomeOf(throwing(new GeneratorExit("raised")), exit)).toBe(exit);
    });

    // 96 TestInterestingEdgeCases.test_close_and_throw_raise_generator_exit
    test.each(others)("gives that exit instead of $name", ({ make }) => {
      const raised = new GeneratorExit("raised");
      expect(outcomeOf(throwing(raised), make())).toBe(raised);
    });
  });

  // 97 TestInterestingEdgeCases.test_close_and_throw_raise_stop_iteration
  // 99 TestInterestingEdgeCases.test_close_and_throw_raise_exception
  // TestInterestingEdgeCases.test_close_and_throw_raise_base_exception
  describe.each(others)("whose finally throws $name", ({ make: makeRaised }) => {
    test("gives that instead of closing", () => {
      const raised = makeRaised();
      const one = throwing(raised)();
      expectToBe(
        thrownBy(() => one.close()),
        raised,
      );
      expectEnded(one);
    });

    test.each([{ name: "an exit", make: () => new GeneratorExit() }, ...others])(
      "gives that instead of $name",
      (in_) => {
        const raised = makeRaised();
        expectToBe(outcomeOf(throwing(raised), in_.make()), raised);
      },
    );
  });

  describe("whose finally yields", () => {
    const make = () =>
      started(function* () {
        try {
          yield first;
        } finally {
          yield second;
        }
        return returned;
      });

    // 100 TestInterestingEdgeCases.test_close_and_throw_yield
    test("ignores being closed, which ends the outer one", () => {
      const one = make();
      const error = thrownBy(() => one.close());
      expect(error).toMatchObject({ code: "ERR_IGNORED_EXIT" });
      expect(error.cause).toBeUndefined();
      expectEnded(one);
    });

    // 100 TestInterestingEdgeCases.test_close_and_throw_yield
    test("ignores the exit", () => {
      expect(outcomeOf(make, new GeneratorExit())).toMatchObject({ code: "ERR_IGNORED_EXIT" });
    });

    // 100 TestInterestingEdgeCases.test_close_and_throw_yield
    test.each(others)("gives that, and $name at the next step", ({ make: makeThrown }) => {
      const one = make();
      const thrown = makeThrown();
      expect(one.throw(thrown)).toBe(second);
      expectToBe(
        thrownBy(() => one.next()),
        thrown,
      );
      expectEnded(one);
    });
  });

  describe("whose finally returns", () => {
    const make = () =>
      started(function* () {
        try {
          yield first;
          yield second;
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is what the test is about
          return returned;
        }
      });

    // 101 TestInterestingEdgeCases.test_close_and_throw_return
    test("is closed, and the outer one too", () => {
      const one = make();
      expect(one.close()).toBeUndefined();
      expectEnded(one);
    });

    // 101 TestInterestingEdgeCases.test_close_and_throw_return
    test("gives the exit that was thrown", () => {
      const exit = new GeneratorExit();
      expect(outcomeOf(make, exit)).toBe(exit);
    });

    // 101 TestInterestingEdgeCases.test_close_and_throw_return
    test.each(others)("ends with what it returned, instead of $name", ({ make: makeThrown }) => {
      const one = make();
      expect(endOf(() => one.throw(makeThrown()))).toBe(returned);
      expectEnded(one);
    });
  });
});

// 102 TestInterestingEdgeCases.test_throws_in_iter
test.each([
  { name: "yield*", over: (inner: Iterable<unknown>) => inner },
  { name: "yield* delegate()", over: (inner: Iterable<unknown>) => delegate(inner) },
])("$name to what throws when it is asked for its iterator throws that", ({ over }) => {
  const failure = new RangeError("nobody expects");
  const inner: Iterable<unknown> = {
    [Symbol.iterator]() {
      throw failure;
    },
  };
  const one = coroutine(function* (): Generator<unknown, void, unknown> {
    yield* over(inner);
  })();
  expect(thrownBy(() => one.next())).toBe(failure);
  expectEnded(one);
});
