/** What a coroutine tells about itself, and what it cannot be used for. */
import { inspect } from "node:util";
import { type Coroutine, coroutine, delegate } from "@cordage/coroutine";
import { encode } from "@cordage/ipc/sys";
import { describe, expect, test } from "@jest/globals";
import { endOf, thrownBy } from "../support/coroutines.js";

const waits = coroutine(function* func(): Generator<number, void, unknown> {
  yield 1;
});

describe("the name of a coroutine", () => {
  // 7 GeneratorTest.test_name
  test("is that of its function, and can be changed to another text", () => {
    const one = waits();
    expect(one.name).toBe("func");
    one.name = "name";
    expect(one.name).toBe("name");
    expect(waits().name).toBe("func");
  });

  // 7 GeneratorTest.test_name
  test("is the one that the function had when it was called", () => {
    const f = function* (): Generator<void> {};
    const make = coroutine(f);
    const before = make();
    Object.defineProperty(f, "name", { value: "renamed" });
    expect([before.name, make().name]).toEqual(["f", "renamed"]);
  });

  // 7 GeneratorTest.test_name
  test("is a text, and there always is one", () => {
    const one = waits();
    for (const name of [123, undefined, null]) {
      const error = thrownBy(() => Object.assign(one, { name }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    }
    expect(Reflect.deleteProperty(one, "name") && one.name).toBe("func");
  });

  // 7 GeneratorTest.test_name
  test("is empty if the function has none", () => {
    const [nameless] = [coroutine((() => function* (): Generator<void> {})())];
    expect(nameless!().name).toBe("");
    expect(`${nameless!()}`).toBe("coroutine (anonymous)");
  });

  // 106 CoroutineTest.test_func_3
  test("is in its text, which says what it is", () => {
    const one = waits();
    expect(String(one)).toBe("coroutine func");
    expect(inspect(one)).toBe("<coroutine func: created>");
    one.next();
    expect(inspect([one])).toBe("[ <coroutine func: suspended> ]");
    one.close();
  });

  test("is what the function that makes coroutines is called too, with as many parameters", () => {
    const make = coroutine(function* named(_a: number, _b: number): Generator<void> {});
    expect([make.name, make.length]).toEqual(["named", 2]);
  });
});

describe("the state of a coroutine", () => {
  // 50 YieldFromTests.test_generator_gi_yieldfrom, 125 CoroutineTest.test_cr_await: not whom it delegates to
  test("is created, running, suspended, closed", () => {
    const states: string[] = [];
    const inner = coroutine(function* (): Generator<void, void, unknown> {
      states.push(outer.state);
      yield;
      states.push(outer.state);
    });
    const outer: Coroutine<void, void, unknown> = coroutine(function* (): Generator<void, void, unknown> {
      yield* inner();
      states.push(outer.state);
      yield;
    })();
    states.push(outer.state);
    outer.next();
    states.push(outer.state);
    outer.next();
    states.push(outer.state);
    endOf(() => outer.next());
    states.push(outer.state);
    expect(states).toEqual(["created", "running", "suspended", "running", "running", "suspended", "closed"]);
  });

  // __test__.email
  test("cannot be set", () => {
    expect(() => Object.assign(waits(), { state: "running" })).toThrow(TypeError);
  });

  // 52 __test__.pep, 115 CoroutineTest.test_func_12
  test("is running for whoever resumes it from within, who is refused", () => {
    const me: Coroutine<number, void, unknown> = coroutine(function* g(): Generator<number, void, unknown> {
      yield me.next();
    })();
    const error = thrownBy(() => me.next());
    expect(error).toMatchObject({ code: "ERR_ALREADY_RUNNING", message: expect.stringContaining("coroutine g") });
    expect(me.state).toBe("closed");
  });

  test("is that of the coroutine itself, not of the one that it drives by hand", () => {
    const one = waits();
    const driver = coroutine(function* (): Generator<string, void, unknown> {
      one.next();
      yield one.state;
    });
    expect(driver().next()).toBe("suspended");
  });
});

describe("a coroutine", () => {
  // 9 GeneratorTest.test_pickle, 179 CoroutineTest.test_copy, 180 CoroutineTest.test_pickle, GeneratorTest.test_copy
  test("cannot be copied, or sent to another thread or process", () => {
    const one = waits();
    for (let i = 0; i < 3; i++) {
      expect(thrownBy(() => structuredClone(one))).toMatchObject({ name: "DataCloneError" });
      expect(thrownBy(() => encode([one]))).toMatchObject({ name: "CodecError" });
      if (i === 0) one.next();
      else one.close();
    }
  });

  // __test__.email
  test("is an iterable, whose iterators go on where the last one stopped", () => {
    const f = coroutine(function* (): Generator<number, void, unknown> {
      for (let i = 0; i < 4; i++) yield i;
    });
    const one = f();
    const iterator = one[Symbol.iterator]();
    expect(iterator[Symbol.iterator]()).toBe(iterator);
    expect(iterator.next()).toEqual({ done: false, value: 0 });
    expect(one.next()).toBe(1);
    expect([...iterator]).toEqual([2, 3]);
    expect([...one]).toEqual([]);
  });

  test("is closed by using", () => {
    const log: string[] = [];
    const f = coroutine(function* (): Generator<void, void, unknown> {
      try {
        yield;
      } finally {
        log.push("closed");
      }
    });
    {
      using one = f();
      one.next();
      log.push("in the block");
    }
    expect(log).toEqual(["in the block", "closed"]);
  });

  test("keeps the this and the arguments that its function is called with", () => {
    const account = {
      balance: 10,
      pay: coroutine(function* (this: { balance: number }, ...amounts: number[]): Generator<number, void, unknown> {
        for (const amount of amounts) {
          this.balance -= amount;
          yield this.balance;
        }
      }),
    };
    expect([...account.pay(1, 2)]).toEqual([9, 7]);
  });

  test("can be delegated to when it has been started already", () => {
    const f = coroutine(function* (): Generator<number, string, unknown> {
      yield 1;
      return `sent ${yield 2}`;
    });
    const inner = f();
    inner.next();
    const outer = coroutine(function* (): Generator<number, string, unknown> {
      return yield* delegate(inner);
    })();
    expect(outer.next()).toBe(2);
    expect(endOf(() => outer.send("x"))).toBe("sent x");
  });
});
