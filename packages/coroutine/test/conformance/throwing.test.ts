/** Errors that are thrown into coroutines, and those that come out. */
import { type Coroutine, CoroutineError, coroutine, delegate, StopIteration } from "@cordage/coroutine";
import { describe, expect, test } from "@jest/globals";
import { endOf, expectEnded, thrownBy } from "../support/coroutines.js";

describe("an error that is thrown in", () => {
  // 20 ExceptionTest.test_except_throw
  test("is the very one that is caught, survives further yields, and can be thrown again", () => {
    const store = coroutine(function* (): Generator<unknown, void, unknown> {
      try {
        yield "ready";
      } catch (error) {
        yield error;
        yield error;
        throw error;
      }
    });
    const one = store();
    one.next();
    const thrown = new Error("kept");
    expect(one.throw(thrown)).toBe(thrown);
    expect(one.next()).toBe(thrown);
    expect(thrownBy(() => one.next())).toBe(thrown);
    expect(thrown.cause).toBeUndefined();
    expectEnded(one);
  });

  // 45 GeneratorThrowTest.test_exception_context_with_yield_from_with_context_cycle
  test("does not become its own cause when it is thrown where it is being handled", () => {
    const thrown = new Error("a");
    const inner = coroutine(function* (): Generator<void, void, unknown> {
      yield;
    });
    const outer = coroutine(function* (): Generator<unknown, void, unknown> {
      try {
        throw thrown;
      } catch {
        try {
          yield* inner();
        } catch (error) {
          yield (error as Error).cause === error;
        }
      }
    });
    const one = outer();
    one.next();
    expect(one.throw(thrown)).toBe(false);
  });

  // 46 GeneratorThrowTest.test_throw_after_none_exc_type
  test("is not confused with one that was handled before", () => {
    const g = coroutine(function* (): Generator<void, void, unknown> {
      try {
        throw new Error("handled");
      } catch {}
      try {
        yield;
      } catch {
        throw new RangeError("instead");
      }
    });
    const one = g();
    one.next();
    expect(() => one.throw(new TypeError("thrown"))).toThrow(new RangeError("instead"));
    expectEnded(one);
  });

  // __test__.coroutine
  test("closes a coroutine that has not started, and changes nothing of one that has ended", () => {
    const thrown = new Error("7");
    const one = survivor([]);
    for (let i = 0; i < 2; i++) {
      expect(thrownBy(() => one.throw(thrown))).toBe(thrown);
      expectEnded(one);
    }
  });

  // __test__.coroutine
  test("is an error or a class of errors, of which a new one is made", () => {
    const log: string[] = [];
    const one = survivor(log);
    one.next();
    one.throw(RangeError);
    one.throw(new RangeError("xyz"));
    one.send(1);
    expect(log).toEqual(["caught ", "caught xyz", "1"]);
    expect(thrownBy(() => one.throw(TypeError))).toBeInstanceOf(TypeError);
    expectEnded(one);
    expect(thrownBy(() => one.throw(Error))).toBeInstanceOf(Error);
  });

  // __test__.coroutine, where JavaScript differs: it has no class that all errors share
  test.each(["abc", 0, null, undefined, Array, Symbol("s"), () => {}])("may be what is no error: %p", (thrown) => {
    const f = coroutine(function* (): Generator<void, unknown, unknown> {
      try {
        yield;
      } catch (error) {
        return [error];
      }
      return "not thrown";
    });
    const one = f();
    one.next();
    expect(endOf(() => one.throw(thrown))).toEqual([thrown]);
  });

  // 25 ExceptionTest.test_except_throw_bad_exception
  test("is a TypeError inside, when the class that was given makes no error", () => {
    const fresh = survivor([]);
    expect(thrownBy(() => fresh.throw(MakesNoError))).toBeInstanceOf(TypeError);
    expectEnded(fresh);
    const f = coroutine(function* (): Generator<unknown, void, unknown> {
      try {
        yield;
      } catch (error) {
        yield error;
      }
    });
    const one = f();
    one.next();
    const error = one.throw(MakesNoError);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  });

  test("is what the class throws that was given, when that cannot be made", () => {
    const failure = new Error("not to be made");
    class CannotBeMade extends Error {
      constructor() {
        super();
        throw failure;
      }
    }
    const fresh = survivor([]);
    expect(thrownBy(() => fresh.throw(CannotBeMade))).toBe(failure);
    expectEnded(fresh);
  });
});

describe("an error that comes out", () => {
  // 15 GeneratorTest.test_issue103488
  test("of a loop over a coroutine can be caught around it", () => {
    const raises = coroutine(function* (): Generator<number, void, unknown> {
      yield 1;
      throw new RangeError("after one");
    });
    const seen: unknown[] = [];
    try {
      for (const value of raises()) seen.push(value);
    } catch (error) {
      seen.push((error as Error).message);
    }
    expect(seen).toEqual([1, "after one"]);
  });

  // 27 ExceptionTest.test_stopiteration_error, 105 CoroutineTest.test_func_2, ExceptionTest.test_tutorial_stopiteration
  test("is never a StopIteration, which would be taken for the end", () => {
    const stop = new StopIteration("early");
    const f = coroutine(function* f(): Generator<number, void, unknown> {
      yield 1;
      throw stop;
    });
    const one = f();
    expect(one.next()).toBe(1);
    const error = thrownBy(() => one.next());
    expect(error).toBeInstanceOf(CoroutineError);
    expect(error).toMatchObject({ code: "ERR_STOP_ITERATION", cause: stop, message: expect.stringContaining("f") });
    expectEnded(one);
  });

  test("is not the end of another coroutine that was asked once too often", () => {
    const empty = coroutine(function* (): Generator<never, void, unknown> {});
    const careless = coroutine(function* (): Generator<number, void, unknown> {
      for (const one = empty(); ; ) yield one.next();
    });
    expect(thrownBy(() => [...careless()])).toMatchObject({ code: "ERR_STOP_ITERATION" });
  });

  // As in CPython up to 3.11; later ones let it through, where it would be taken for the end
  test("is no StopIteration either that was thrown into a coroutine that has not started", () => {
    const stop = new StopIteration(3);
    expect(thrownBy(() => survivor([]).throw(stop))).toMatchObject({ code: "ERR_STOP_ITERATION", cause: stop });
  });

  test("may be a StopIteration that was thrown into a coroutine that has ended", () => {
    const one = survivor([]);
    one.close();
    const stop = new StopIteration(3);
    expect(thrownBy(() => one.throw(stop))).toBe(stop);
  });

  // 24 is left out: what is thrown instead has no cause but the one that it is given
  test("is as the coroutine threw it: no cause is added", () => {
    const instead = new TypeError("instead");
    const f = coroutine(function* (): Generator<void, void, unknown> {
      try {
        yield;
      } catch {
        throw instead;
      }
    });
    const outer = coroutine(function* (): Generator<void, void, unknown> {
      yield* delegate(f());
    });
    const one = outer();
    one.next();
    expect(thrownBy(() => one.throw(new Error("first")))).toBe(instead);
    expect(instead.cause).toBeUndefined();
  });
});

class MakesNoError extends Error {
  constructor() {
    super();
    // biome-ignore lint/correctness/noConstructorReturn: that is what the test is about
    return {} as MakesNoError;
  }
}

/** Notes what it is sent, and the RangeErrors that are thrown into it. */
function survivor(log: string[]): Coroutine<void, void, unknown> {
  return coroutine(function* (): Generator<void, void, unknown> {
    for (;;) {
      try {
        log.push(String(yield));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        log.push(`caught ${error.message}`);
      }
    }
  })();
}
