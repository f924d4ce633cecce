/** Killing greenlets. Source: TestKill of gevent's test__greenlet, Test.test_killing_dormant of test__api. */
import { runInNewContext } from "node:vm";
import {
  event,
  Greenlet,
  GreenletExit,
  getCurrent,
  idle,
  kill,
  killAll,
  sleep,
  spawn,
  Timeout,
  wait,
  withTimeout,
} from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green, stateOf, takeReports } from "../support/green.js";

type Kill = (g: Greenlet, error?: unknown) => void;

const ways: Array<[string, Kill]> = [
  ["kill()", (g, error) => g.kill(error)],
  ["kill() that does not wait", (g, error) => g.kill(error, { block: false })],
  ["killAll()", (g, error) => killAll([g], error)],
  ["killAll() that does not wait", (g, error) => killAll([g], error, { block: false })],
];

/** How far it is, and what it notes if its body, or what is after the wait there, runs. */
const stages: Array<[string, (body: () => void) => Greenlet]> = [
  ["is new", (body) => new Greenlet(body)],
  ["is started", (body) => spawn(body)],
  ["is started for later", (body) => Greenlet.spawnLater(50, body)],
  ["runs", running],
];

function running(body: () => void): Greenlet {
  const g = spawn(() => {
    sleep(10_000);
    body();
  });
  sleep(0);
  return g;
}

function killed(stage: (body: () => void) => Greenlet, way: Kill, error?: unknown): Greenlet {
  let ran = false;
  const links: unknown[] = [];
  const g = stage(() => {
    ran = true;
  });
  g.link((one) => links.push(one));
  way(g, error);
  idle();
  const end = () => [stateOf(g).dead, g.started, g.ready(), ran, links];
  expect(end()).toEqual([true, false, true, false, [g]]);
  way(g, error);
  g.start();
  idle();
  expect(end()).toEqual([true, false, true, false, [g]]);
  return g;
}

describe.each(stages)("one that %s", (_, stage) => {
  for (const [name, way] of ways) {
    // 42 TestKill.test_block, 44 TestKill.test_block_killall, 45 TestKill.test_non_block_killal
    // 54 TestKillAfterStart, 55 TestKillAfterStartLater, 56 TestKillWhileRunning: test in the other stages
    green(`is ended by ${name}, with the exit as its value`, () => {
      const g = killed(stage, way);
      expect([g.successful(), g.value, g.exception]).toEqual([true, expect.any(GreenletExit), undefined]);
      expect(g.get()).toBe(g.value);
    });

    // 46 TestKill.test_non_type_exception, 47 TestKill.test_non_type_exception_non_block, 49 TestKill.test_non_type_exception_killall_non_block
    green(`fails with the error of ${name}`, () => {
      const error = new Error("expected");
      const g = killed(stage, way, error);
      expect([g.successful(), g.value, g.exception]).toEqual([false, undefined, error]);
      expect(thrownBy(() => g.get())).toBe(error);
      expect(killed(stage, way, RangeError).exception).toBeInstanceOf(RangeError);
    });

    // 50 TestKill.test_non_exc_exception, 51 TestKill.test_non_exc_exception_non_block, 52 TestKill.test_non_exc_exception_killall
    green(`fails with some error if ${name} is given none`, () => {
      const g = killed(stage, way, 42);
      expect(g.successful()).toBe(false);
      expect(g.exception).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    });
  }
});

// One that is started would have its turn before any other callback.
describe.each(stages.filter(([name]) => name !== "is started"))("one that %s", (_, stage) => {
  green("is ended at once by throw() of a callback of the event loop", () => {
    let ran = false;
    const g = stage(() => {
      ran = true;
    });
    const error = new Error("thrown");
    g.linkException(() => undefined);
    const dead = new Promise((resolve) => {
      setImmediate(() => {
        g.throw(error);
        resolve(g.dead);
      });
    });
    if (g.started) sleep(0);
    expect([wait(dead), g.exception, ran]).toEqual([true, error, false]);
  });
});

green("a timer that would have started one is gone with it", () => {
  let ran = false;
  const g = Greenlet.spawnLater(5, () => {
    ran = true;
  });
  g.kill();
  sleep(15);
  expect(ran).toBe(false);
});

describe("kill()", () => {
  // 72 Test(api).test_killing_dormant
  green("waits for one that catches the exit and then ends", () => {
    const seen: string[] = [];
    const g = spawn(() => {
      try {
        seen.push("start");
        sleep(10_000);
      } catch {
        seen.push("except");
        sleep(5);
      }
      seen.push("finished");
    });
    sleep(0);
    g.kill();
    expect(seen).toEqual(["start", "except", "finished"]);
    expect([g.successful(), g.value]).toEqual([true, undefined]);
  });

  green("gives up waiting after its timeout", () => {
    const g = spawn(() => {
      try {
        sleep(10_000);
      } catch {
        sleep(10_000);
      }
    });
    sleep(0);
    g.kill(GreenletExit, { timeout: 5 });
    expect(g.ready()).toBe(false);
    g.kill(GreenletExit, { timeout: 0 });
    expect(g.get()).toBeInstanceOf(GreenletExit);
  });

  green("that does not wait lets the killer go on first", () => {
    const seen: string[] = [];
    const g = spawn(() => {
      try {
        sleep(10_000);
      } finally {
        seen.push("killed");
      }
    });
    sleep(0);
    g.kill(GreenletExit, { block: false });
    seen.push("killer");
    sleep(0);
    expect(seen).toEqual(["killer", "killed"]);
  });

  green("of oneself ends at the next wait", () => {
    const seen: string[] = [];
    const waits = spawn(() => {
      try {
        (getCurrent() as Greenlet).kill();
      } finally {
        seen.push("ended");
      }
      seen.push("never");
    });
    const goesOn = spawn(() => {
      (getCurrent() as Greenlet).kill(GreenletExit, { block: false });
      seen.push("goes on");
      sleep(10_000);
    });
    waits.join();
    goesOn.join();
    expect(seen).toEqual(["goes on", "ended"]);
  });

  green("runs the finally blocks, which may wait", () => {
    const seen: string[] = [];
    const g = spawn(() => {
      try {
        sleep(10_000);
      } finally {
        seen.push("begins");
        sleep(5);
        seen.push("ends");
      }
    });
    sleep(0);
    g.kill();
    expect(seen).toEqual(["begins", "ends"]);
  });

  green("takes an error of another realm as it is", () => {
    const foreign = runInNewContext("new Error('from elsewhere')");
    const g = running(() => undefined);
    g.kill(foreign);
    expect(g.exception).toBe(foreign);
    sleep(0);
    expect(takeReports()).toEqual([[foreign, g]]);
  });

  green("by each other: both end", () => {
    const gate = new event.Event();
    const [a, b]: Greenlet[] = [
      spawn(() => {
        gate.wait();
        b!.kill();
      }),
      spawn(() => {
        gate.wait();
        a!.kill();
      }),
    ];
    sleep(0);
    gate.set();
    a!.join();
    b!.join();
    expect([a!.dead, b!.dead]).toEqual([true, true]);
  });
});

describe("killAll()", () => {
  // 214 Test(greenletset).test_killall_iterable_argument_timeout_not_started
  green("ends those that have not begun at once", () => {
    const all = [1, 2].map(() => spawn(() => sleep(10_000)));
    killAll(new Set(all), GreenletExit, { timeout: 500 });
    expect(all.map((one) => one.dead)).toEqual([true, true]);
  });

  // 215 Test(greenletset).test_killall_iterable_argument_timeout_started
  green("throws a timeout if some take longer, which live on", () => {
    const all = [1, 2].map(() =>
      spawn(() => {
        try {
          sleep(10_000);
        } catch {
          sleep(40);
        }
      }),
    );
    sleep(0);
    expect(thrownBy(() => killAll(all.values(), GreenletExit, { timeout: 10 }))).toBeInstanceOf(Timeout);
    expect(all.map((one) => one.dead)).toEqual([false, false]);
    for (const one of all) one.join();
  });

  green("with an own timeout throws that", () => {
    const g = spawn(() => {
      try {
        sleep(10_000);
      } catch {
        sleep(30);
      }
    });
    sleep(0);
    const own = new Timeout(5);
    expect(thrownBy(() => killAll([g], GreenletExit, { timeout: own }))).toBe(own);
    g.join();
  });

  green("throws into all before it waits for the first", () => {
    const seen: string[] = [];
    const all = ["a", "b"].map((name) =>
      spawn(() => {
        try {
          sleep(10_000);
        } finally {
          seen.push(`${name} begins`);
          sleep(0);
          seen.push(`${name} ends`);
        }
      }),
    );
    sleep(0);
    killAll(all);
    expect(seen).toEqual(["a begins", "b begins", "a ends", "b ends"]);
  });

  green("of none, and of one twice", () => {
    killAll([]);
    const g = running(() => undefined);
    killAll([g, g]);
    expect(g.dead).toBe(true);
  });
});

green("a kill that comes with the timeout is not lost", () => {
  const g = spawn(() => withTimeout(5000, () => sleep(10_000), { timeoutValue: "timed out" }));
  sleep(0);
  kill(g);
  expect(g.get()).toBeInstanceOf(GreenletExit);
});
