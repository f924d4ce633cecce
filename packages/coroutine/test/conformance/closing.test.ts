/** How coroutines are closed. */
import { type Coroutine, coroutine, GeneratorExit } from "@cordage/coroutine";
import { describe, expect, test } from "@jest/globals";
import { endOf, expectEnded, thrownBy } from "../support/coroutines.js";

/** Catches the exit and returns 0. */
const catches = coroutine(function* (): Generator<string, number | undefined, unknown> {
  try {
    yield "waiting";
  } catch (error) {
    if (error instanceof GeneratorExit) return 0;
    throw error;
  }
  return undefined;
});

/** Waits, and does not mind. */
const plain = coroutine(function* (): Generator<void, number, unknown> {
  yield;
  return 0;
});

describe("close()", () => {
  // 31 GeneratorCloseTest.test_close_no_return_value, GeneratorCloseTest.test_close_not_catching_exit
  test("gives undefined if the exit is not caught", () => {
    const one = plain();
    one.send(undefined);
    expect(one.close()).toBeUndefined();
    expectEnded(one);
  });

  // 32 GeneratorCloseTest.test_close_return_value
  test("gives what is returned by who catches the exit", () => {
    const one = catches();
    one.next();
    expect(one.close()).toBe(0);
  });

  // 34 GeneratorCloseTest.test_close_not_started, __test__.coroutine
  test("does not run a coroutine that has not started", () => {
    let ran = false;
    const f = coroutine(function* (): Generator<void, number, unknown> {
      ran = true;
      yield;
      return 0;
    });
    const one = f();
    expect(one.close()).toBeUndefined();
    expect(ran).toBe(false);
    expectEnded(one);
  });

  // 35 GeneratorCloseTest.test_close_exhausted
  test("gives undefined after the end", () => {
    const one = catches();
    one.next();
    endOf(() => one.next());
    expect(one.close()).toBeUndefined();
  });

  // 36 GeneratorCloseTest.test_close_closed
  test("gives the result once", () => {
    const one = catches();
    one.next();
    expect([one.close(), one.close()]).toEqual([0, undefined]);
  });

  // 37 GeneratorCloseTest.test_close_raises, __test__.coroutine
  test("throws what the coroutine throws instead of the exit", () => {
    const f = coroutine(function* (): Generator<void, void, unknown> {
      try {
        yield;
      } catch {}
      throw new TypeError("fie!");
    });
    const one = f();
    one.next();
    expect(() => one.close()).toThrow(new TypeError("fie!"));
    expectEnded(one);
  });

  // 122 CoroutineTest.test_func_19, 120 CoroutineTest.test_func_17: its close(); next() says again that it has ended
  test("throws the exit once, however often it is called", () => {
    let exits = 0;
    const inner = coroutine(function* (): Generator<void, void, unknown> {
      yield;
      try {
        yield;
      } catch (error) {
        if (error instanceof GeneratorExit) exits++;
      }
    });
    const one = coroutine(function* (): Generator<void, void, unknown> {
      yield* inner();
    })();
    one.next();
    one.next();
    for (let i = 0; i < 4; i++) one.close();
    expect(exits).toBe(1);
  });

  // 117 CoroutineTest.test_func_14, __test__.coroutine
  test("refuses a coroutine that yields instead of ending, which can be closed afterwards", () => {
    const f = coroutine(function* f(): Generator<string, unknown, unknown> {
      try {
        yield "first";
      } catch {
        return yield "foo!";
      }
      return undefined;
    });
    const one = f();
    one.next();
    const error = thrownBy(() => one.close());
    expect(error).toMatchObject({ code: "ERR_IGNORED_EXIT", message: expect.stringMatching(/^cannot close .*f: /) });
    expect(one.state).toBe("suspended");
    expect(one.close()).toBeUndefined();
    expectEnded(one);
  });

  test("may find that what ignored it goes on with what it is sent", () => {
    const f = coroutine(function* (): Generator<number, unknown, unknown> {
      try {
        yield 1;
      } catch {
        return yield 2;
      }
      return undefined;
    });
    const one = f();
    one.next();
    expect(() => one.close()).toThrow();
    expect(endOf(() => one.send(9))).toBe(9);
  });

  // __test__.coroutine
  test("runs finally, where a catch of other errors does not see the exit", () => {
    const log: string[] = [];
    const f = coroutine(function* (): Generator<void, void, unknown> {
      try {
        yield;
      } catch (error) {
        if (error instanceof GeneratorExit) throw error;
        log.push("catch");
      } finally {
        log.push("finally");
      }
    });
    const one = f();
    one.next();
    one.close();
    expect(log).toEqual(["finally"]);
  });

  test("is refused while the coroutine runs, which goes on", () => {
    const f = coroutine(function* (): Generator<string, void, unknown> {
      yield thrownBy(() => me.close()).code;
      yield thrownBy(() => me.throw(new Error("into itself"))).code;
    });
    const me: Coroutine<string, void, unknown> = f();
    expect([...me]).toEqual(["ERR_ALREADY_RUNNING", "ERR_ALREADY_RUNNING"]);
  });

  // 2 and 3 are left out: JavaScript does not run a coroutine that nobody has any more
  test("is what leaving a loop does", () => {
    const log: string[] = [];
    const f = coroutine(function* (): Generator<number, void, unknown> {
      try {
        for (let i = 0; ; i++) yield i;
      } catch (error) {
        log.push((error as Error).name);
      }
    });
    const one = f();
    for (const i of one) if (i === 2) break;
    expect(log).toEqual(["GeneratorExit"]);
    expectEnded(one);
  });
});

describe("throw(new GeneratorExit())", () => {
  test("comes out again, unlike that of close()", () => {
    const one = plain();
    one.next();
    const exit = new GeneratorExit();
    expect(thrownBy(() => one.throw(exit))).toBe(exit);
    expectEnded(one);
  });

  test("may be caught, and the coroutine go on", () => {
    const f = coroutine(function* (): Generator<number, void, unknown> {
      try {
        yield 1;
      } catch {
        yield 2;
      }
    });
    const one = f();
    one.next();
    expect(one.throw(GeneratorExit)).toBe(2);
  });
});
