/** Work that other threads do. */
import { event, run, sleep, spawn, threadpool } from "@cordage/gevent";
import { Event } from "@cordage/ipc";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";

const at = (name: string) => new URL(`fixtures/work.mjs#${name}`, import.meta.url);
const { ThreadPool } = threadpool;

/** Runs a test with a pool, which is ended. */
const withPool = (size: number, fn: (pool: threadpool.ThreadPool) => void) =>
  run(() => {
    const pool = new ThreadPool(size);
    try {
      fn(pool);
    } finally {
      pool.kill();
    }
  });

// 311 PoolBasicTests(threadpool).test_apply, 316 TestPool(threadpool).test_apply, 312 PoolBasicTests(threadpool).test_apply_raises
test("apply returns what the function returns, and throws what it throws", () =>
  withPool(1, (pool) => {
    expect(pool.apply(at("square"), [5])).toBe(25);
    expect(thrownBy(() => pool.apply(at("fail"), ["no"]))).toMatchObject({ name: "RangeError", message: "no" });
  }));

// 310 PoolBasicTests(threadpool).test_execute_async, 317 TestPool(threadpool).test_async, 319 TestPool(threadpool).test_async_timeout
test("spawn does not wait; its result can be waited for, and times out", () =>
  withPool(2, (pool) => {
    const event = new Event();
    const [late, soon] = [pool.spawn(at("waitFor"), event, 200), pool.spawn(at("square"), 7)];
    expect([late.ready(), soon.get()]).toEqual([false, 49]);
    expect(thrownBy(() => late.get({ timeout: 1 }))).toMatchObject({ name: "Timeout" });
    event.set();
    expect(late.get()).toBe(200);
  }));

// 314 _AbstractPoolTest.test_map, 320 TestPool(threadpool).test_imap_list_small, 321 TestPool(threadpool).test_imap_it_small
test("map and imap give the results in the order of the items", () =>
  withPool(2, (pool) => {
    const items = Array.from({ length: 20 }, (_, i) => i);
    const squares = items.map((n) => n * n);
    expect(pool.map(at("square"), items)).toEqual(squares);
    expect([...pool.imap(at("square"), items)]).toEqual(squares);
  }));

// 326 TestPool(threadpool).test_imap_unordered, 329 TestPool(threadpool).test_imap_unordered_sleep
test("imapUnordered gives them as they come", () =>
  withPool(2, (pool) => {
    const event = new Event();
    const seen: number[] = [];
    for (const value of pool.imapUnordered(at("squareOrWait"), [event, 1, 2])) {
      seen.push(value as number);
      if (value === 4) event.set();
    }
    expect(seen).toEqual([1, 4, 0]);
  }));

// 334 TestErrorInIterator(threadpool).test
test("an error of the items is thrown by map", () =>
  withPool(1, (pool) => {
    const items = (function* () {
      yield 1;
      throw new TypeError("of the items");
    })();
    expect(thrownBy(() => pool.map(at("square"), items))).toMatchObject({ message: "of the items" });
  }));

describe("items that wait", () => {
  function* items() {
    for (let n = 1; n < 4; n++) {
      sleep(1);
      yield n;
    }
  }

  test("are read where they may", () =>
    withPool(1, (pool) => {
      expect(pool.map(at("square"), items())).toEqual([1, 4, 9]);
      expect([...pool.imap(at("square"), items())]).toEqual([1, 4, 9]);
      expect([...pool.imapUnordered(at("square"), items())]).toEqual([1, 4, 9]);
    }));

  test("are told if the rest is not wanted", () =>
    withPool(1, (pool) => {
      const [reached, never] = [new event.Event(), new event.Event()];
      const seen: string[] = [];
      const waiting = (function* () {
        try {
          yield 2;
          reached.set();
          never.wait();
        } finally {
          seen.push("ends");
        }
      })();
      for (const square of pool.imap(at("square"), waiting)) {
        seen.push(String(square));
        reached.wait();
        break;
      }
      expect(seen).toEqual(["4", "ends"]);
    }));
});

test.each(["map", "imap", "imapUnordered"] as const)("%s refuses what are no items, at once", (name) =>
  withPool(1, (pool) => {
    const error = thrownBy(() => pool[name](at("square"), 42 as never));
    expect(error).toMatchObject({ name: "TypeError", code: "ERR_INVALID_ARG_TYPE" });
  }),
);

test("other greenlets run meanwhile", () =>
  withPool(1, (pool) => {
    const event = new Event();
    const other = spawn(() => {
      for (let turns = 0; turns < 3; turns++) sleep(1);
      event.set();
    });
    expect(pool.apply(at("waitFor"), [event, 5])).toBe(5);
    expect(other.ready()).toBe(true);
  }));

// 331 TestJoinEmpty(threadpool).test
test("join of a pool that has nothing to do returns", () => run(() => new ThreadPool(1).join()));

test.each([0, -1, 1.5, "2"])("a pool has no %p threads", (size) => {
  expect(thrownBy(() => new ThreadPool(size as number)).code).toMatch(/ERR_OUT_OF_RANGE|ERR_INVALID_ARG_TYPE/);
});
