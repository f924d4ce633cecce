/** Pools: groups of a limited size. Source: gevent's test__pool. */
import { event, Greenlet, GreenletExit, idle, joinAll, killAll, pool, queue, run, sleep, spawn } from "@cordage/gevent";
import { seed, seeded, thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green, greenEach, takeReports } from "../support/green.js";

const { Pool, PoolFull } = pool;
const { Event } = event;
const squared = (x: number) => x * x;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const doNothing = () => undefined;

describe("a pool", () => {
  // 80 TestCoroutinePool.test_apply_async
  green("runs a job that nobody waits for", () => {
    const done = new Event();
    new Pool(2).applyAsync(() => done.set());
    expect(done.wait({ timeout: 5000 })).toBe(true);
  });

  // 81 TestCoroutinePool.test_apply, 92 PoolBasicTests.test_apply
  greenEach([[2], [undefined]], "returns what the job returns (size %p)", (size) => {
    const result = new Pool(size).apply((a: string, b: number) => [a, b], ["foo", 1]);
    expect(result).toEqual(["foo", 1]);
  });

  // 82 TestCoroutinePool.test_apply_raises
  green("throws the job's error", () => {
    const error = new Error("of the job");
    const failing = () => {
      throw error;
    };
    expect(thrownBy(() => new Pool(2).apply(failing))).toBe(error);
  });

  // 84 TestCoroutinePool.test_reentrant
  green("of one runs an apply within an apply at once", () => {
    const p = new Pool(1);
    const nested = (a: number, b: number) => a + p.apply((c: number) => c + p.apply((d: number) => d, [1]), [b]);
    expect(p.apply(nested, [2, 3])).toBe(6);
    const done = new Event();
    p.applyAsync(() => done.set());
    expect(done.wait({ timeout: 5000 })).toBe(true);
  });

  green("has its place back after a spawn callback that throws", () => {
    const p = new Pool(1);
    const error = new Error("of the callback");
    const failing = () => {
      throw error;
    };
    Greenlet.addSpawnCallback(failing);
    const thrown = thrownBy(() => p.spawn(doNothing));
    Greenlet.removeSpawnCallback(failing);
    expect([thrown, p.freeCount(), p.length, p.join()]).toEqual([error, 1, 0, true]);
  });

  // 85 TestCoroutinePool.test_stderr_raising: the broken stderr is in errors.test.ts
  green("has its place back after an error", () => {
    const p = new Pool(1);
    const error = new Error("of the job");
    const g = p.spawn(() => {
      throw error;
    });
    expect(thrownBy(() => g.get())).toBe(error);
    sleep(0);
    expect(p.freeCount()).toBe(1);
  });

  // 86 PoolBasicTests.test_execute_async
  green("counts its free places; applyAsync never waits", () => {
    const p = new Pool(2);
    const seen: number[] = [];
    const gate = new Event();
    const job = (i: number) => {
      seen.push(i);
      gate.wait();
    };
    expect(p.freeCount()).toBe(2);
    const first = p.applyAsync(doNothing);
    expect(p.freeCount()).toBe(1);
    first.get();
    idle();
    expect(p.freeCount()).toBe(2);
    const all = [1, 2, 3, 4].map((i) => p.applyAsync(job, [i]));
    expect([p.freeCount(), seen]).toEqual([0, []]);
    idle();
    expect(seen).toEqual([1, 2]);
    gate.set();
    joinAll(all);
    expect(seen).toEqual([1, 2, 3, 4]);
    idle();
    expect([p.freeCount(), p.length]).toEqual([2, 0]);
  });

  // 87 PoolBasicTests.test_discard
  green("frees a place once: at a discard, or at the end", () => {
    const p = new Pool(1);
    const first = p.spawn(() => sleep(10_000));
    expect([p.discard(first), p.discard(first), p.freeCount(), p.length]).toEqual([true, false, 1, 0]);
    const second = p.spawn(() => sleep(10_000));
    expect([p.freeCount(), p.length]).toEqual([0, 1]);
    first.kill();
    idle();
    expect([p.freeCount(), p.length]).toEqual([0, 1]);
    second.kill();
    idle();
    expect([p.freeCount(), p.length]).toEqual([1, 0]);
  });

  // 89 PoolBasicTests.test_add_method_non_blocking, 90 PoolBasicTests.test_add_method_timeout, 91 PoolBasicTests.test_start_method_timeout
  greenEach([[0], [10]], "that is full refuses another after %p ms, and has not changed", (timeout) => {
    const p = new Pool(1);
    const member = p.spawn(() => sleep(10_000));
    const one = new Greenlet(doNothing);
    for (const add of [() => p.add(one, { timeout }), () => p.start(one, { timeout })]) {
      expect(thrownBy(add)).toBeInstanceOf(PoolFull);
      expect([p.length, p.has(one), one.started, one.linkCount]).toEqual([1, false, false, 0]);
    }
    member.kill();
    p.start(one, { timeout: 5000 });
    expect([p.has(one), one.get()]).toEqual([true, undefined]);
  });

  green("that is given one by two greenlets while it is full has it once", () => {
    const p = new Pool(2);
    const members = [1, 2].map(() => p.spawn(() => sleep(10_000)));
    const one = spawn(() => sleep(10_000));
    const adders = [1, 2].map(() => spawn(() => p.add(one)));
    idle();
    killAll(members);
    joinAll(adders);
    expect([p.length, p.has(one), p.freeCount()]).toEqual([1, true, 1]);
    one.kill();
    idle();
    expect([p.length, p.freeCount()]).toEqual([0, 2]);
  });

  green("passes the place of one who gave up waiting to the next", () => {
    const p = new Pool(1);
    const gate = new Event();
    p.spawn(() => gate.wait());
    const waiting = [1, 2].map((i) => spawn(() => p.spawn(() => i).get()));
    idle();
    gate.set();
    waiting[0]!.kill();
    expect(waiting[1]!.get()).toBe(2);
    idle();
    expect(p.freeCount()).toBe(1);
  });

  // 117 TestSpawn.test
  green("of one has a second spawn wait for the end of the first", () => {
    const p = new Pool(1);
    const gate = new Event();
    const seen: string[] = [];
    const first = p.spawn(() => gate.wait());
    expect(p.length).toBe(1);
    const spawner = spawn(() => {
      p.spawn(() => seen.push("second"));
      expect([p.length, first.dead]).toEqual([1, true]);
    });
    idle();
    expect(seen).toEqual([]);
    gate.set();
    spawner.get();
    expect(p.join()).toBe(true);
    expect([seen, p.length]).toEqual([["second"], 0]);
  });

  // 115 TestPool0.test_wait_full
  green("of none is full, always", () => {
    const p = new Pool(0);
    expect([p.freeCount(), p.full(), p.waitAvailable({ timeout: 10 })]).toEqual([0, true, 0]);
    expect(p.freeCount()).toBe(0);
  });

  green("tells when there is room", () => {
    const p = new Pool(2);
    expect([p.waitAvailable(), p.full()]).toEqual([2, false]);
    const all = [1, 2].map(() => p.spawn(() => sleep(10_000)));
    expect(p.full()).toBe(true);
    const waiter = spawn(() => p.waitAvailable());
    idle();
    expect(waiter.ready()).toBe(false);
    all[0]!.kill();
    expect([waiter.get(), p.freeCount()]).toEqual([1, 1]);
    all[1]!.kill();
    expect([new Pool().waitAvailable(), new Pool().full()]).toEqual([expect.any(Number), false]);
  });

  // 116 TestJoinEmpty.test
  green("that is empty is joined at once", () => {
    expect([new Pool(1).join(), new Pool().join({ timeout: 0 })]).toEqual([true, true]);
  });

  // 2 AbstractGenericWaitTestCase.test_returns_none_after_timeout: TestJoinSleep, TestJoinSleep_raise_error
  green("that is not empty in time says so", () => {
    const p = new Pool();
    p.spawn(() => sleep(10_000));
    expect([p.join({ timeout: 5 }), p.join({ timeout: 5, raiseError: true })]).toEqual([false, false]);
    p.kill();
    expect(p.length).toBe(0);
  });
});

describe.each([[1], [2], [3], [10], [undefined]])("a pool of %p", (size) => {
  // 94 TestPool.test_apply
  green("applies", () => {
    expect([new Pool(size).apply(squared, [5]), new Pool(size).apply(squared, [3])]).toEqual([25, 9]);
  });

  // 95 TestPool.test_map
  green("maps in order", () => {
    const p = new Pool(size);
    for (const count of [10, 100]) expect(p.map(squared, numbers(count))).toEqual(numbers(count).map(squared));
    idle();
    expect(p.length).toBe(0);
  });

  // 96 TestPool.test_async, 97 TestPool.test_async_callback
  green("applies and maps without waiting, and calls back", () => {
    const p = new Pool(size);
    const seen: unknown[] = [];
    const one = p.applyAsync(squared, [7], (value) => seen.push(value));
    const all = p.mapAsync(squared, [1, 2], (values) => seen.push(values));
    expect([one.get(), all.get()]).toEqual([49, [1, 4]]);
    idle();
    expect(seen).toEqual([49, [1, 4]]);
  });

  // 99 TestPool.test_imap_list_small, 100 TestPool.test_imap_it_small
  green("gives results one by one, then none", () => {
    const p = new Pool(size);
    expect([...p.imap(squared, numbers(10))]).toEqual(numbers(10).map(squared));
    const results = p.imap(squared, numbers(3));
    expect(numbers(5).map(() => results.next())).toEqual([
      { done: false, value: 0 },
      { done: false, value: 1 },
      { done: false, value: 4 },
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  // 101 TestPool.test_imap_it_large
  green("gives a thousand results in order", () => {
    expect([...new Pool(size).imap(squared, numbers(1000))]).toEqual(numbers(1000).map(squared));
  });

  // 102 TestPool.test_imap_random, 104 TestPool.test_imap_unordered_random
  green(`keeps the order, or all of them, with random delays (seed ${seed})`, () => {
    const below = seeded(seed);
    const delayed = (x: number) => {
      if (below(2)) sleep(below(4));
      return squared(x);
    };
    const expected = numbers(20).map(squared);
    expect([...new Pool(size).imap(delayed, numbers(20))]).toEqual(expected);
    const unordered = [...new Pool(size).imapUnordered(delayed, numbers(20))];
    expect(unordered.sort((a, b) => a - b)).toEqual(expected);
  });

  // 105 TestPool.test_empty_imap_unordered, 106 TestPool.test_empty_imap, 107 TestPool.test_empty_map
  green("gives nothing for nothing", () => {
    const p = new Pool(size);
    expect([p.map(squared, []), [...p.imap(squared, [])], [...p.imapUnordered(squared, [])]]).toEqual([[], [], []]);
  });

  // 109 TestPool.test_imap_unordered_sleep
  green("gives unordered results as they are ready", () => {
    const gates = numbers(3).map(() => new Event());
    const waits = (i: number) => {
      gates[i]!.wait();
      return i;
    };
    const results = new Pool(size).imapUnordered(waits, numbers(3));
    const order = size === 1 ? [0, 1, 2] : [1, 2, 0];
    for (const i of order) {
      gates[i]!.set();
      expect(results.next()).toEqual({ done: false, value: i });
    }
    expect(results.next().done).toBe(true);
  });

  // 110 TestPool.test_imap_no_stop, 111 TestPool.test_imap_unordered_no_stop
  green("takes items from a queue, as they come", () => {
    for (const kind of ["imap", "imapUnordered"] as const) {
      const items = new queue.Queue<number>();
      spawn(() => {
        sleep(1);
        items.put(123);
        sleep(1);
        items.put(queue.StopIteration as any);
      });
      expect([...new Pool(size)[kind]((x: number) => x, items)]).toEqual([123]);
    }
  });

  // 112 TestPool.test_imap_final_sleep
  green("is not confused by items that end late", () => {
    function* slow(): Generator<number> {
      for (let i = 0; i < 3; i++) {
        sleep(1);
        yield i;
      }
      sleep(5);
    }
    const p = new Pool(size);
    expect([...p.imap(squared, slow())]).toEqual([0, 1, 4]);
    expect([...p.imapUnordered(squared, slow())].sort()).toEqual([0, 1, 4]);
  });

  // 114 TestPool.test_imap_unordered_bounded_queue
  green("begins no more than the reader lets it", () => {
    for (const kind of ["imap", "imapUnordered"] as const)
      for (const items of [numbers(10), numbers(10).values()]) {
        let begun = 0;
        const results = new Pool(size)[kind](
          (x: number) => {
            begun++;
            return x;
          },
          items,
          { maxsize: 1 },
        );
        for (let i = 0; i < 10; i++) {
          expect(results.next()).toEqual({ done: false, value: i });
          idle();
          expect(begun).toBeLessThanOrEqual(i + 2);
        }
        expect(results.next().done).toBe(true);
      }
  });

  // 119 TestErrorInIterator.test, 120 TestErrorInIterator.test_unordered
  green("throws the error of the items", () => {
    const error = new Error("of the items");
    function* failing(): Generator<number> {
      yield 1;
      yield 2;
      throw error;
    }
    expect(thrownBy(() => new Pool(size).map(squared, failing()))).toBe(error);
    expect(thrownBy(() => [...new Pool(size).imapUnordered(squared, failing())])).toBe(error);
  });

  // 121 TestErrorInHandler.test_map, 122 TestErrorInHandler.test_imap
  green("throws a job's error in its place, and goes on", () => {
    const error = new Error("of the job");
    const inverse = (x: number) => {
      if (x === 0) throw error;
      return 1 / x;
    };
    expect(thrownBy(() => new Pool(size).map(inverse, [1, 0, 2]))).toBe(error);
    for (const kind of ["imap", "imapUnordered"] as const) {
      const results = new Pool(size)[kind](inverse, [1, 0, 2]);
      const seen = numbers(4).map(() => {
        try {
          return results.next().value;
        } catch (thrown) {
          return thrown;
        }
      });
      expect(seen).toEqual([1, error, 0.5, undefined]);
    }
  });
});

describe("results that are left early", () => {
  green("begin no other job, let the items clean up, and are over", () => {
    let [begun, cleaned] = [0, false];
    function* endless(): Generator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        cleaned = true;
      }
    }
    const p = new Pool(2);
    const results = p.imap(
      (x: number) => {
        begun++;
        sleep(1);
        return x;
      },
      endless(),
      { maxsize: 3 },
    );
    for (const value of results) if (value === 5) break;
    idle();
    expect([cleaned, results.next()]).toEqual([true, { done: true, value: undefined }]);
    p.join();
    const before = begun;
    idle();
    expect([begun, p.freeCount()]).toEqual([before, 2]);
  });

  green("end whoever waits for the next", () => {
    const results = new Pool(1).imap(() => sleep(10_000), [1]);
    const reader = spawn(() => results.next());
    idle();
    results.return!();
    expect(reader.get()).toEqual({ done: true, value: undefined });
  });
});

green("a killed job is a result, the exit, as of any greenlet", () => {
  const p = new Pool();
  const all = p.mapAsync(() => sleep(10_000), [1, 2]);
  idle();
  p.kill();
  expect(all.get()).toEqual([expect.any(GreenletExit), expect.any(GreenletExit)]);
});

green("a callback that throws is reported, and the result is there all the same", () => {
  const error = new Error("of the callback");
  const g = new Pool().applyAsync(squared, [3], () => {
    throw error;
  });
  expect(g.get()).toBe(9);
  idle();
  expect(takeReports()).toEqual([[error, expect.anything()]]);
});

green("a pool is the same for run() within another greenlet", () => {
  const p = new Pool(1);
  let result: unknown;
  run(() => p.apply(squared, [4])).then((value) => {
    result = value;
  });
  expect(p.apply(squared, [5])).toBe(25);
  while (result === undefined) sleep(1);
  expect(result).toBe(16);
});
