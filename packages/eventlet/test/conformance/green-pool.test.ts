/** Pools. Source: eventlet's greenpool_test. */
import {
  Event,
  GreenletExit,
  GreenPool,
  getCurrent,
  Queue,
  sleep,
  spawn,
  spawnAfterLocal,
  spawnN,
  Timeout,
} from "@cordage/eventlet";
import { idle } from "@cordage/gevent";
import { seed, seeded, thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { forever, green, greenEach, numbers, onTheHub, takeReports } from "../support/green.js";

const doNothing = () => undefined;
const same = <T>(value: T) => value;

describe("spawn", () => {
  // 1 GreenPool.test_spawn
  green("gives each its own result", () => {
    const pool = new GreenPool(4);
    const job = (i: number) => {
      sleep(i % 3);
      return i;
    };
    const all = numbers(10).map((i) => pool.spawn(job, i));
    expect(all.map((one) => one.wait())).toEqual(numbers(10));
  });

  // 4 GreenPool.test_multiple_coros
  green("begins them in their order", () => {
    const seen: string[] = [];
    const event = new Event();
    const pool = new GreenPool(2);
    const consumer = pool.spawn(() => {
      seen.push("cons1");
      event.wait();
      seen.push("cons2");
    });
    pool.spawnN(() => {
      seen.push("prod");
      event.send();
    });
    consumer.wait();
    expect(seen).toEqual(["cons1", "prod", "cons2"]);
  });

  // 5 GreenPool.test_timer_cancel
  green("ends what was local to a job with it", () => {
    const seen: number[] = [];
    const job = () => spawnAfterLocal(1, () => seen.push(1));
    const local = new GreenPool(2).spawn(job).wait();
    expect([local.wait(), seen]).toEqual([undefined, []]);
  });

  // 6 GreenPool.test_reentrant
  green("within a job of a full pool runs at once, within it", () => {
    const pool = new GreenPool(1);
    const done = new Event();
    const outer = pool.spawn(() => {
      const inner = pool.spawn((a: number) => [a, getCurrent()], 5);
      expect([inner.dead, inner.started]).toEqual([true, true]);
      pool.spawnN(() => done.send("reentrant"));
      expect(done.ready()).toBe(true);
      return inner.wait();
    });
    expect(outer.wait()).toEqual([5, outer]);
    expect(done.wait()).toBe("reentrant");
    sleep(0);
    expect([pool.free(), pool.running()]).toEqual([1, 0]);
  });

  green("within a job of a full pool throws the other's error, and a kill, or a timeout, ends both", () => {
    const pool = new GreenPool(1);
    const error = new Error("inner");
    const failing = () => {
      throw error;
    };
    expect(pool.spawn(() => thrownBy(() => pool.spawn(failing))).wait()).toBe(error);
    const outer = pool.spawn(() => pool.spawnN(forever));
    sleep(0);
    outer.kill();
    expect([outer.dead, thrownBy(() => outer.wait()), pool.free()]).toEqual([true, expect.any(GreenletExit), 1]);
    const late = pool.spawn(() => {
      const timeout = new Timeout(1);
      return [thrownBy(() => pool.spawnN(forever)), timeout];
    });
    const [thrown, timeout] = late.wait();
    expect(thrown).toBe(timeout);
    pool.spawn(() => pool.spawnN(failing)).wait();
    expect(takeReports()).toEqual([[error, expect.anything()]]);
  });

  // 10 GreenPool.test_exceptions
  green("gives the place back after an error, or an exit", () => {
    const pool = new GreenPool(2);
    for (const Class of [Error, GreenletExit]) {
      const failing = () => {
        throw new Class();
      };
      for (let i = 0; i < 3; i++) {
        expect(thrownBy(() => pool.spawn(failing).wait())).toBeInstanceOf(Class);
        pool.spawnN(failing);
        sleep(0);
        expect([pool.free(), pool.running()]).toEqual([2, 0]);
      }
    }
    expect(takeReports()).toHaveLength(3);
  });

  green("gives the place back of one that is killed, begun or not", () => {
    const pool = new GreenPool(1);
    for (const turns of [0, 1]) {
      const one = pool.spawn(forever);
      if (turns) sleep(0);
      one.kill();
      expect([pool.free(), pool.running(), one.dead]).toEqual([1, 0, true]);
    }
  });

  green("in a full pool needs a greenthread, in another none", () => {
    const pool = new GreenPool(1);
    const gate = new Event();
    const one = onTheHub(() => pool.spawn(() => gate.wait()));
    expect(onTheHub(() => thrownBy(() => pool.spawn(doNothing)))).toMatchObject({ code: "ERR_NOT_IN_GREENLET" });
    expect([pool.waiting(), pool.free()]).toEqual([0, 0]);
    gate.send(3);
    expect(one.wait()).toBe(3);
  });

  green("that is interrupted while it waits has begun nothing; its place goes to the next", () => {
    const pool = new GreenPool(1);
    const gate = new Event();
    pool.spawnN(() => gate.wait());
    const waiting = [1, 2].map((i) => spawn(() => pool.spawn(same, i).wait()));
    const late = spawn(() => new Timeout(1).run(() => pool.spawn(doNothing)));
    expect(thrownBy(() => late.wait())).toBeInstanceOf(Timeout);
    expect(pool.waiting()).toBe(2);
    gate.send();
    sleep(0); // the first of them has been given the place, and has not had its turn
    waiting[0]!.kill();
    expect(waiting[1]!.wait()).toBe(2);
    pool.waitall();
    expect([pool.free(), pool.waiting()]).toEqual([1, 0]);
  });
});

describe("spawnN", () => {
  // 2 GreenPool.test_spawn_n
  green("runs them beside each other; waitall waits for all", () => {
    const pool = new GreenPool(4);
    const seen: number[] = [];
    const job = (i: number) => {
      sleep(0);
      seen.push(i);
    };
    for (const i of numbers(10)) expect(pool.spawnN(job, i)).toBeUndefined();
    pool.waitall();
    expect(seen).toEqual(numbers(10));
  });

  // 9 GreenPool.test_spawn_n_2
  green("takes a place until a turn later, and waits for one", () => {
    const pool = new GreenPool(2);
    const seen: number[] = [];
    const job = (i: number) => void seen.push(i);
    expect(pool.free()).toBe(2);
    const one = pool.spawn(job, 1);
    expect(pool.free()).toBe(1);
    one.wait();
    sleep(0);
    expect([seen, pool.free()]).toEqual([[1], 2]);
    pool.spawnN(job, 2);
    expect([seen, pool.free()]).toEqual([[1], 1]);
    pool.spawnN(job, 3);
    expect([seen, pool.free()]).toEqual([[1], 0]);
    pool.spawnN(job, 4);
    expect(seen).toEqual([1, 2, 3]);
    sleep(0);
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});

describe("waitall", () => {
  // 17 GreenPool.test_waitall_on_nothing
  green("of nothing returns at once", () => {
    expect(onTheHub(() => new GreenPool().waitall())).toBeUndefined();
  });

  green("waits for those who wait to spawn, too", () => {
    const pool = new GreenPool(1);
    const seen: number[] = [];
    const job = (i: number) => {
      sleep(0);
      seen.push(i);
    };
    const spawner = spawn(() => numbers(5).forEach((i) => void pool.spawnN(job, i)));
    sleep(0);
    pool.waitall();
    expect([seen, spawner.dead]).toEqual([numbers(5), true]);
  });

  green("ends when the last who was to go on is killed instead", () => {
    const pool = new GreenPool(1);
    const job = pool.spawn(forever);
    const spawner = spawn(() => pool.spawnN(doNothing));
    const waiter = spawn(() => pool.waitall());
    sleep(0);
    job.kill();
    spawner.kill();
    waiter.wait();
    expect([pool.free(), pool.running(), pool.waiting()]).toEqual([1, 0, 0]);
  });

  green("within a job is refused: it would not end", () => {
    const pool = new GreenPool(2);
    const error = pool.spawn(() => thrownBy(() => pool.waitall())).wait();
    expect(error).toMatchObject({ name: "EventletError", code: "ERR_WAIT_FOR_SELF" });
  });
});

describe("resize", () => {
  // 7 GreenPool.test_resize
  green("lets those that are too many end, and has more places at once", () => {
    const pool = new GreenPool(2);
    const gates = numbers(4).map(() => new Event());
    const begin = (i: number) => pool.spawn(() => gates[i]!.wait());
    begin(0);
    begin(1);
    expect([pool.free(), pool.running()]).toEqual([0, 2]);
    pool.resize(1);
    expect([pool.free(), pool.running(), pool.size]).toEqual([-1, 2, 1]);
    gates[0]!.send();
    sleep(0);
    expect([pool.free(), pool.running()]).toEqual([0, 1]);
    gates[1]!.send();
    sleep(0);
    expect([pool.free(), pool.running()]).toEqual([1, 0]);
    pool.resize(2);
    begin(2);
    begin(3);
    expect([pool.free(), pool.running()]).toEqual([0, 2]);
    gates[2]!.send();
    gates[3]!.send();
    pool.waitall();
    expect(pool.free()).toBe(2);
  });

  green("to more lets those go on who wait", () => {
    const pool = new GreenPool(1);
    const first = pool.spawn(forever);
    const spawner = spawn(() => pool.spawn(same, 2).wait());
    sleep(0);
    expect(pool.waiting()).toBe(1);
    pool.resize(2);
    expect(spawner.wait()).toBe(2);
    first.kill();
    expect(pool.free()).toBe(2);
  });
});

describe("imap and starmap", () => {
  // 11 GreenPool.test_imap
  greenEach([[1], [4], [1000]], `give results in order (size %p, seed ${seed})`, (size) => {
    const below = seeded(seed);
    const job = (i: number) => {
      if (below(2)) sleep(below(3));
      return i * i;
    };
    expect([...new GreenPool(size).imap(job, numbers(30))]).toEqual(numbers(30).map((i) => i * i));
  });

  // 12 GreenPool.test_empty_imap
  green("of nothing are over", () => {
    const results = new GreenPool(4).imap(same, []);
    expect([results.next(), results.next()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  // 14 GreenPool.test_imap_multi_args
  green("take several iterables side by side; the shortest ends it, and the others are told", () => {
    let isTold = false;
    function* endless(): Generator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        isTold = true;
      }
    }
    const results = new GreenPool(4).imap((a: number, b: string) => [a, b], endless(), ["x", "y", "z"]);
    expect([...results]).toEqual([
      [0, "x"],
      [1, "y"],
      [2, "z"],
    ]);
    expect(isTold).toBe(true);
  });

  // 15 GreenPool.test_imap_raises
  green("throw an error in its place, and go on", () => {
    const job = (i: number) => {
      if (i === 1 || i === 7) throw new RangeError(String(i));
      return i;
    };
    const results = new GreenPool(4).imap(job, numbers(10));
    const seen = numbers(11).map(() => {
      try {
        return results.next().value;
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(seen).toEqual([0, "RangeError", 2, 3, 4, 5, 6, "RangeError", 8, 9, undefined]);
  });

  // 16 GreenPool.test_starmap
  green("spread arrays as arguments", () => {
    const results = new GreenPool(4).starmap(
      (a: number, b: number) => a - b,
      numbers(5).map((i) => [10 * i, i] as const) as any,
    );
    expect([...results]).toEqual([0, 9, 18, 27, 36]);
  });

  // 26 Stress.test_imap_50, 27 Stress.test_imap_500
  greenEach([[50], [500]], "of a pool of %p begin no more than fit ahead of the reader", (size) => {
    let [begun, taken, ahead] = [0, 0, 0];
    const job = (i: number) => {
      ahead = Math.max(ahead, ++begun - taken);
      if (i % 5 === 0) sleep(0);
      return { i };
    };
    for (const { i } of new GreenPool(size).imap(job, numbers(5000))) {
      expect(i).toBe(taken++);
      if (taken % 100 === 0) sleep(0);
    }
    // Those that run, those that have ended, one that is about to be put there, and one that was just taken.
    expect([begun, ahead <= 2 * size + 2]).toEqual([5000, true]);
  });

  green("throw the error of the items after what came before it, and are over", () => {
    const error = new Error("of the items");
    function* failing(): Generator<number> {
      yield 1;
      sleep(0);
      throw error;
    }
    const results = new GreenPool(4).imap(same, failing());
    expect(results.next()).toEqual({ done: false, value: 1 });
    expect(thrownBy(() => results.next())).toBe(error);
    expect(results.next()).toEqual({ done: true, value: undefined });
  });

  green("that are left early begin no other job, let the items clean up, and are over", () => {
    let [begun, isTold] = [0, false];
    function* endless(): Generator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        isTold = true;
      }
    }
    const results = new GreenPool(2).imap((i: number) => {
      begun++;
      sleep(0);
      return i;
    }, endless());
    for (const i of results) if (i === 5) break;
    const before = begun;
    idle();
    expect([isTold, results.next(), begun - before <= 2]).toEqual([true, { done: true, value: undefined }, true]);
  });

  green("that are left end whoever waits for the next, and lose nothing to one who is interrupted", () => {
    const gates = new Queue<number>();
    const results = new GreenPool(1).imap(() => gates.get(), [1, 2]);
    const interrupted = spawn(() => results.next());
    sleep(0);
    interrupted.kill();
    gates.put(7);
    expect(results.next()).toEqual({ done: false, value: 7 });
    const reader = spawn(() => results.next());
    idle();
    gates.put(8);
    expect(reader.wait()).toEqual({ done: false, value: 8 });
    const items = new Queue<number>();
    function* slow(): Generator<number> {
      for (;;) yield items.get();
    }
    const endless = new GreenPool(1).imap((i: number) => i, slow());
    const last = spawn(() => endless.next());
    idle();
    endless.return();
    expect(last.wait()).toEqual({ done: true, value: undefined });
  });

  green("run in a pool of their own: within a job of a pool of one, they do not wait for it", () => {
    const pool = new GreenPool(1);
    expect(pool.spawn(() => [...pool.imap(same, numbers(5))]).wait()).toEqual(numbers(5));
  });
});

green("a pool says how it is doing", () => {
  const pool = new GreenPool(1);
  const one = pool.spawn(forever);
  const other = spawnN(() => pool.spawn(doNothing));
  sleep(0);
  expect(String(pool)).toBe("<GreenPool 1 of 1 run, 1 waiting>");
  one.kill();
  pool.waitall();
  expect([other.dead, String(pool)]).toEqual([true, "<GreenPool 0 of 1 run, 0 waiting>"]);
});
