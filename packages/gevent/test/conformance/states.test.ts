/** The life of a greenlet. Source: TestBasic, TestStr, TestStart and others of gevent's test__greenlet. */
import { inspect } from "node:util";
import {
  event,
  Greenlet,
  GreenletExit,
  getCurrent,
  kill,
  killAll,
  sleep,
  spawn,
  spawnLater,
  spawnRaw,
} from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green, stateOf, takeReports } from "../support/green.js";

const fails = (error: Error) => () => {
  throw error;
};

describe("a greenlet", () => {
  // 34 TestBasic.test_simple_exit
  green("is new, started, running, dead", () => {
    const links: unknown[] = [];
    const gate = new event.Event();
    const g = new Greenlet((value: number) => {
      states.push(stateOf(g));
      gate.wait();
      return value;
    }, 5);
    const states = [stateOf(g)];
    g.rawlink((one) => links.push(one));
    expect([g.value, g.exception]).toEqual([undefined, undefined]);
    g.start();
    states.push(stateOf(g));
    sleep(0);
    states.push(stateOf(g));
    gate.set();
    g.join();
    const alive = { started: true, dead: false, ready: false, successful: false };
    expect(states).toEqual([{ ...alive, started: false }, alive, alive, alive]);
    expect(stateOf(g)).toEqual({ started: false, dead: true, ready: true, successful: true });
    expect([g.value, g.exception, links]).toEqual([5, undefined, [g]]);
  });

  // 35 TestBasic.test_error_exit
  green("that fails is dead, and has no value", () => {
    const error = new Error("expected");
    const links: unknown[] = [];
    const g = new Greenlet(() => {
      sleep(1);
      throw error;
    });
    g.rawlink((one) => links.push(one));
    g.start();
    expect(thrownBy(() => g.get())).toBe(error);
    expect(stateOf(g)).toEqual({ started: false, dead: true, ready: true, successful: false });
    expect([g.value, g.exception, links]).toEqual([undefined, error, [g]]);
  });

  // 36 TestBasic.test_exc_info_no_error
  green("has no exception before it runs, nor after a result", () => {
    const g = new Greenlet(() => 1);
    expect(g.exception).toBeUndefined();
    g.start();
    g.join();
    expect(g.exception).toBeUndefined();
  });

  // 37 TestBasic.test_recursion_error
  green("that recurses without an end fails, and says so once", () => {
    const recurse = (): number => 1 + recurse();
    const g = spawn(recurse);
    g.join();
    sleep(0);
    expect(takeReports()).toEqual([[expect.any(RangeError), g]]);
    expect(() => g.get()).toThrow(RangeError);
  });

  green("can be anything that is thrown", () => {
    for (const thrown of ["a text", undefined, null, 0]) {
      const g = spawn(() => {
        throw thrown;
      });
      let caught: unknown = "nothing";
      try {
        g.get();
      } catch (error) {
        caught = error;
      }
      expect([caught, g.successful()]).toEqual([thrown, false]);
    }
  });

  // 39 TestBasic.test_add_spawn_callback
  green("is shown to spawn callbacks, at once, once, until they are removed", () => {
    const seen: Greenlet[] = [];
    const callback = (one: Greenlet) => void seen.push(one);
    Greenlet.addSpawnCallback(callback);
    Greenlet.addSpawnCallback(callback);
    try {
      const made = new Greenlet(() => 1);
      expect(seen).toEqual([]);
      made.start();
      made.start();
      const all = [made, spawn(() => 2), spawnLater(1, () => 3)];
      expect(seen).toEqual(all);
    } finally {
      Greenlet.removeSpawnCallback(callback);
    }
    spawn(() => 4);
    expect(seen).toHaveLength(3);
  });

  green("is not started if a spawn callback throws, and may be started then", () => {
    const error = new Error("of the callback");
    const callback = fails(error);
    const g = new Greenlet(() => "ran");
    Greenlet.addSpawnCallback(callback);
    try {
      expect(thrownBy(() => g.start())).toBe(error);
    } finally {
      Greenlet.removeSpawnCallback(callback);
    }
    expect(g.started).toBe(false);
    g.start();
    expect(g.get()).toBe("ran");
  });

  green("that a spawn callback kills does not run", () => {
    const callback = (one: Greenlet) => one.kill();
    Greenlet.addSpawnCallback(callback);
    const g = spawn(() => "ran");
    Greenlet.removeSpawnCallback(callback);
    expect([g.dead, g.get()]).toEqual([true, expect.any(GreenletExit)]);
  });

  // 79 TestTimers.test_spawn_is_not_cancelled
  green("runs although the one that spawned it has ended", () => {
    const seen: string[] = [];
    spawn(() => void spawn(() => seen.push("child"))).join();
    sleep(0);
    expect(seen).toEqual(["child"]);
  });

  // 70 TestDeadPropertyDuringSwitch.test_dead_is_false_for_current_greenlet_during_switch
  green("is alive while it runs", () => {
    const seen: unknown[] = [];
    const g: Greenlet = spawn(() => {
      seen.push(getCurrent() === g, g.dead, g.ready());
      g.rawlink(() => seen.push("told"));
      sleep(0);
      seen.push(g.dead);
    });
    g.join();
    sleep(0);
    expect(seen).toEqual([true, false, false, false, "told"]);
  });

  green("of a subclass runs its _run with the arguments", () => {
    class Adds extends Greenlet<number> {
      protected override _run(a: number, b: number): number {
        return a + b;
      }
    }
    const spawned = Adds.spawn<number>(null, 1, 2);
    expect([spawned instanceof Adds, spawned.get()]).toEqual([true, 3]);
    const later = Adds.spawnLater<number>(1, null, 3, 4);
    expect([later instanceof Adds, later.get()]).toEqual([true, 7]);
    const made = new Adds(null, 5, 6);
    made.start();
    expect(made.get()).toBe(11);
  });

  green("begins in the order in which it was spawned", () => {
    const seen: number[] = [];
    const all = [1, 2, 3].map((i) => spawn(() => void seen.push(i)));
    expect(seen).toEqual([]);
    for (const one of all) one.join();
    expect(seen).toEqual([1, 2, 3]);
  });

  green("that is spawned later begins in the order of the times", () => {
    const seen: number[] = [];
    const all = [120, 1, 60].map((ms) => spawnLater(ms, (given) => void seen.push(given), ms));
    for (const one of all) one.join();
    expect(seen).toEqual([1, 60, 120]);
  });
});

describe("text", () => {
  // 29 TestStr.test_function
  green("names the function, before and after the end", () => {
    function work(): void {
      sleep(0);
    }
    const g = spawn(work);
    expect(String(g)).toMatch(/^<Greenlet "Greenlet-\d+": work\(\)>$/);
    g.join();
    expect(inspect(g)).toMatch(/^<Greenlet "Greenlet-\d+": work\(\)>$/);
  });

  // 30 TestStr.test_method
  green("has a name, which can be set", () => {
    const g = new Greenlet(() => 1);
    expect(g.name).toMatch(/^Greenlet-\d+$/);
    expect(g.name).toBe(g.name);
    g.name = "Foo";
    expect(String(g)).toContain('"Foo"');
  });

  // 31 TestStr.test_subclass
  green("names the class and shows the arguments", () => {
    class Sub extends Greenlet {}
    const g = new Sub(null, "question", { answer: 42 });
    g.name = "one";
    expect(String(g)).toBe(`<Sub "one": _run('question', { answer: 42 })>`);
  });
});

describe("start", () => {
  // 64 TestStart.test_start
  green("of one that is started, or has ended, does nothing", () => {
    let runs = 0;
    const g = spawn(() => runs++);
    for (let i = 0; i < 3; i++) g.start();
    g.join();
    g.start();
    g.startLater(0);
    sleep(5);
    expect([runs, g.dead]).toEqual([1, true]);
  });

  green("at a later time is not brought forward by another start", () => {
    const seen: string[] = [];
    const g = new Greenlet(() => seen.push("later"));
    g.startLater(5);
    g.start();
    spawn(() => seen.push("at once"));
    g.join();
    expect(seen).toEqual(["at once", "later"]);
  });

  // 66 TestRef.test_kill_scheduled, 67 TestRef.test_kill_started
  green("can be followed by a kill, before it runs and while it does", () => {
    const scheduled = spawn(() => sleep(10_000));
    scheduled.kill();
    const running = spawn(() => sleep(10_000));
    sleep(0);
    running.kill();
    expect([scheduled.dead, running.dead]).toEqual([true, true]);
  });
});

describe("a plain greenlet", () => {
  green("gets its arguments, and may wait", () => {
    const seen: unknown[] = [];
    spawnRaw(
      (a, b) => {
        sleep(1);
        seen.push(a, b);
      },
      1,
      "two",
    );
    expect(seen).toEqual([]);
    while (seen.length === 0) sleep(1);
    expect(seen).toEqual([1, "two"]);
  });

  green("whose error nobody catches is reported by name, also after it has waited", () => {
    const errors = [new Error("at once"), new Error("later")];
    const atOnce = spawnRaw(fails(errors[0]!));
    const later = spawnRaw(() => {
      sleep(1);
      throw errors[1];
    });
    while (!later.dead) sleep(1);
    sleep(0);
    expect(takeReports()).toEqual([
      [errors[0], atOnce],
      [errors[1], later],
    ]);
  });

  // 57 TestKillallRawGreenlet.test_killall_raw
  green("can be killed where it waits; one whose turn comes first begins", () => {
    let runs = 0;
    const work = () => {
      runs++;
      sleep(10_000);
      runs = 100;
    };
    const waiting = spawnRaw(work);
    sleep(0);
    const scheduled = spawnRaw(work);
    killAll([waiting, scheduled]);
    sleep(0);
    expect([waiting.dead, scheduled.dead, runs]).toEqual([true, true, 2]);
    const another = spawnRaw(work);
    sleep(0);
    kill(another, new Error("expected"));
    sleep(0);
    expect([another.dead, runs]).toEqual([true, 3]);
    expect(takeReports()).toEqual([[new Error("expected"), another]]);
  });
});
