/** Work for other threads. Source: eventlet's tpool_test. */
import { GreenPile, run, sleep, spawn, Timeout, tpool } from "@cordage/eventlet";
import { endLeftOver, fixturesIn, thrownBy, untilCollected } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { green, greenEach, numbers } from "../support/green.js";

const at = (name: string) => new URL(`../fixtures/work.mjs#${name}`, import.meta.url) as any;

const { report } = fixturesIn(new URL("../fixtures/", import.meta.url));

afterAll(() => run(() => tpool.killall()));
afterAll(endLeftOver);

describe("execute", () => {
  green("returns what the function returns, after its promise, in another thread", () => {
    expect(tpool.execute(at("square"), 5)).toBe(25);
    expect(tpool.execute(at("later"), "x")).toBe("x");
    expect(tpool.execute(at("thread"))).toBeGreaterThan(0);
  });

  // 56 TestTpool.test_wrap_uniterable
  green("throws what the function throws, with its class", () => {
    const error = thrownBy(() => tpool.execute(at("fail"), "no"));
    expect(error).toMatchObject({ name: "RangeError", message: "no", cause: { code: "ERR_REMOTE" } });
  });

  // 69 TestTpool.test_variable_and_keyword_arguments_with_function_calls
  green("passes as many arguments as there are, and options", () => {
    expect(tpool.execute(at("same"))).toEqual([]);
    expect(tpool.execute(at("same"), 1, [2], { a: new Date(3) })).toEqual([1, [2], { a: new Date(3) }]);
    expect(tpool.execute(at("named"), { first: 1 })).toEqual([1, "default"]);
  });

  // 70 TestTpool.test_contention
  green("serves several at the same time", () => {
    const pile = new GreenPile<number>(4);
    for (const i of numbers(3)) pile.spawn(() => tpool.execute(at("square"), i));
    expect([...pile]).toEqual([0, 1, 4]);
  });

  // 67 TestTpool.test_wrap_iterator2
  green("lets the others run meanwhile", () => {
    let ticks = 0;
    const ticking = spawn(() => {
      for (;;) {
        sleep(1);
        ticks++;
      }
    });
    for (let i = 0; i < 100 && ticks <= 10; i++) expect(tpool.execute(at("pause"), 50)).toBe(50);
    ticking.kill();
    expect(ticks).toBeGreaterThan(10);
  });

  // 71 TestTpool.test_timeout
  green("is interrupted by a timeout, or killed, while the thread goes on", () => {
    expect(thrownBy(() => new Timeout(10).run(() => tpool.execute(at("pause"), 600)))).toBeInstanceOf(Timeout);
    const one = spawn(() => tpool.execute(at("pause"), 100));
    sleep(5);
    one.kill();
    expect([one.dead, tpool.execute(at("square"), 3)]).toEqual([true, 9]);
  });

  // 79 TestTpool.test_eventlet_timeout
  green("throws a timeout that the function throws, as one", () => {
    const error = thrownBy(() => tpool.execute(at("timeOut")));
    expect(error).toBeInstanceOf(Timeout);
    expect(error).toMatchObject({ isTimeout: true, pending: false, cause: { name: "Timeout" } });
  });

  // 81 TpoolLongTests.test_a_buncha_stuff
  green("gives each caller its own, of a thousand calls", () => {
    const pile = new GreenPile<string[]>(10);
    const sender = (id: number) => numbers(100).map((i) => tpool.execute(at("same"), `${id} ${i}`)[0]);
    for (const id of numbers(10)) pile.spawn(sender, id);
    expect([...pile]).toEqual(numbers(10).map((id) => numbers(100).map((i) => `${id} ${i}`)));
  });

  // 82 TpoolLongTests.test_leakage_from_tracebacks, 84 test_exception_leak
  greenEach([["same"], ["fail"]], "keeps nothing of a call that is over (%p)", (name) => {
    const ref = (() => {
      const argument = { big: new Array(1000).fill(name) };
      try {
        tpool.execute(at(name), argument);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      return new WeakRef(argument);
    })();
    tpool.execute(at("square"), 1);
    collectedSoon.push([name, ref]);
  });
});

const collectedSoon: Array<[string, WeakRef<object>]> = [];

test("what was passed to a call that is over is collected", async () => {
  expect(collectedSoon.map(([name]) => name)).toEqual(["same", "fail"]);
  await untilCollected(async () => collectedSoon.every(([, ref]) => ref.deref() === undefined));
});

describe("the threads", () => {
  // 80 TestTpool.test_tpool_set_num_threads, 72 TestTpool.test_killall
  green("are as many as was set, and others after killall", () => {
    tpool.killall();
    tpool.setNumThreads(1);
    const names = () => new Set(numbers(5).map(() => tpool.execute(at("thread"))));
    const first = names();
    expect(first.size).toBe(1);
    tpool.killall();
    tpool.killall();
    tpool.setNumThreads(5);
    const second = names();
    expect([...second].some((one) => first.has(one))).toBe(false);
  });

  green("finish what they were given before they end", () => {
    const one = spawn(() => tpool.execute(at("pause"), 50));
    sleep(0);
    tpool.killall();
    expect(one.wait()).toBe(50);
  });
});

// 57 TestTpool.test_wrap_dict, 77 TestTpool.test_callable
test("a proxy of a module has its functions called in threads, and what else there is", async () => {
  expect(await report("proxy.mjs")).toEqual([9, 16, 5, 7, true]);
});

test("a call outside of any greenthread is refused", () => {
  expect(thrownBy(() => tpool.execute(at("square"), 5))).toMatchObject({ code: "ERR_NOT_IN_GREENLET" });
});
