/** Greenthreads: their results, links and ends. Source: eventlet's greenthread_test and api_test. */
import {
  Event,
  GreenletExit,
  type GreenThread,
  getCurrent,
  kill,
  sleep,
  spawn,
  spawnAfter,
  spawnAfterLocal,
  spawnN,
  Timeout,
} from "@cordage/eventlet";
import { idle, Greenlet as Other } from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { forever, green, greenEach, onTheHub, takeReports } from "../support/green.js";

const doNothing = () => undefined;

describe("spawnN", () => {
  // 119 Spawn.test_n
  green("has no result, and has run after a turn", () => {
    const seen: unknown[] = [];
    const one = spawnN((a: number, b: string) => seen.push([a, b]), 1, "b");
    expect([one.dead, seen]).toEqual([false, []]);
    sleep(0);
    expect([one.dead, seen]).toEqual([true, [[1, "b"]]]);
  });

  // 122 Spawn.test_kill_n
  green("of one that is killed before it begins runs nothing, and is dead, however often", () => {
    const seen: number[] = [];
    const one = spawnN(() => seen.push(1));
    kill(one);
    expect([one.dead, seen]).toEqual([true, []]);
    kill(one);
    sleep(0);
    expect(seen).toEqual([]);
  });

  green("of one that fails is reported, as its own", () => {
    const error = new Error("of the greenthread");
    const one = spawnN(() => {
      throw error;
    });
    sleep(0);
    expect(takeReports()).toEqual([[error, one]]);
  });
});

type Spawn = (fn: (...args: any[]) => any, ...args: any[]) => GreenThread;
const ways: Array<[string, Spawn]> = [
  ["spawn", spawn],
  // 130 SpawnAfter (8 inherited): test_simple and all others of Spawn
  ["spawnAfter", (fn, ...args) => spawnAfter(1, fn, ...args)],
  ["spawnAfterLocal", (fn, ...args) => spawnAfterLocal(1, fn, ...args)],
];

describe.each(ways)("%s", (_, start) => {
  // 126 SpawnAfter.test_basic
  green("gives the result to whoever waits, and again", () => {
    const one = start((a: number, b: number) => [a, b], 1, 2);
    expect([one.started, one.dead]).toEqual([false, false]);
    expect([one.wait(), one.wait(), one.dead]).toEqual([[1, 2], [1, 2], true]);
  });

  // 120 Spawn.test_kill, 121 Spawn.test_kill_meth, 127 SpawnAfter.test_cancel
  green("of one that is killed before it begins runs nothing; wait throws the exit", () => {
    for (const end of [kill, (one: GreenThread) => one.kill(), (one: GreenThread) => one.cancel()]) {
      const seen: number[] = [];
      const one = start(() => seen.push(1));
      end(one);
      expect([one.started && !one.dead, one.dead]).toEqual([false, true]);
      expect(thrownBy(() => one.wait())).toBeInstanceOf(GreenletExit);
      end(one);
      sleep(5);
      expect(seen).toEqual([]);
    }
  });

  // 129 SpawnAfter.test_kill_already_started
  green("of one that is killed later: wait throws the exit; cancel has no effect by then", () => {
    const started = new Event();
    const one = start(() => {
      started.send();
      forever();
    });
    started.wait();
    one.cancel();
    expect([one.started, one.dead]).toEqual([true, false]);
    one.kill();
    expect(one.dead).toBe(true);
    expect(thrownBy(() => one.wait())).toBeInstanceOf(GreenletExit);
  });

  green("of one that is killed with an error: wait throws that", () => {
    for (const turns of [0, 10]) {
      const error = new RangeError("why");
      const one = start(forever);
      sleep(turns);
      one.kill(error);
      expect(thrownBy(() => one.wait())).toBe(error);
    }
  });

  green("throws the error that it failed with, to all who wait", () => {
    const error = new Error("of the function");
    const one = start(() => {
      throw error;
    });
    const others = [1, 2].map(() => spawn(() => thrownBy(() => one.wait())));
    expect([thrownBy(() => one.wait()), ...others.map((other) => other.wait())]).toEqual([error, error, error]);
  });
});

describe("a link", () => {
  // 124 Spawn.test_link_after_exited
  green("of one that has ended is called at once", () => {
    const one = spawn(() => 3);
    one.wait();
    const seen: unknown[] = [];
    one.link((thread, text: string) => seen.push([thread, thread.wait(), text]), "more");
    expect(seen).toEqual([[one, 3, "more"]]);
  });

  // 125 Spawn.test_link_relinks
  green("may link another one, which is called once, after those that were there", () => {
    const seen: string[] = [];
    const one = spawn(() => 5);
    one.link((thread) => {
      seen.push("first");
      thread.link(() => seen.push("of the first"));
    });
    one.link(() => seen.push("second"));
    one.wait();
    expect(seen).toEqual(["first", "second", "of the first"]);
  });

  green("is called in the greenthread itself, before whoever waits goes on, in order, and may wait", () => {
    const seen: unknown[] = [];
    const gate = new Event();
    const one = spawn(() => gate.wait());
    const waiter = spawn(() => {
      one.wait();
      seen.push("waited");
    });
    sleep(0);
    gate.send();
    one.link(() => seen.push(getCurrent() === one));
    one.link(() => {
      sleep(0);
      seen.push("second");
    });
    sleep(0);
    expect([seen, one.dead]).toEqual([[true], false]);
    waiter.wait();
    idle();
    expect([seen, one.dead]).toEqual([[true, "waited", "second"], true]);
  });

  green("may be taken back: the same function with the same arguments", () => {
    const seen: number[] = [];
    const note = (_: GreenThread, n: number) => void seen.push(n);
    const one = spawn(doNothing);
    for (const n of [1, 2, 3]) one.link(note, n);
    expect([one.unlink(note, 2), one.unlink(note, 2), one.unlink(doNothing)]).toEqual([true, false, false]);
    one.wait();
    expect([seen, one.unlink(note, 1)]).toEqual([[1, 3], false]);
  });

  green("that throws is reported, and the others are told all the same", () => {
    const error = new Error("of the link");
    const seen: number[] = [];
    const one = spawn(() => 1);
    one.link(() => {
      throw error;
    });
    one.link(() => seen.push(2));
    expect([one.wait(), seen]).toEqual([1, [2]]);
    expect(takeReports()).toEqual([[error, one]]);
  });

  green("of one that is killed before it begins is called by whoever kills it, and may wait", () => {
    const seen: unknown[] = [];
    const one = spawn(doNothing);
    one.link((thread) => {
      sleep(0);
      seen.push(
        getCurrent(),
        thrownBy(() => thread.wait()),
      );
    });
    one.kill();
    expect(seen).toEqual([getCurrent(), expect.any(GreenletExit)]);
  });

  const ended = () => {
    const one = spawn(doNothing);
    one.wait();
    return one;
  };
  const killed = (link: () => void) => {
    const one = spawn(doNothing);
    one.link(link);
    one.kill();
  };
  const begins: [string, (link: () => void) => void][] = [
    ["of one that has ended", (link) => ended().link(link)],
    ["of one that is killed before it begins", killed],
  ];

  greenEach(begins, "%s may be waiting when whoever called is interrupted: that is thrown to him", (_, begin) => {
    for (const error of [new GreenletExit(), new Error("of a kill")]) {
      const caller = spawn(() => begin(forever));
      sleep(0);
      caller.kill(error);
      expect([thrownBy(() => caller.wait()), takeReports()]).toEqual([error, []]);
    }
    const timeout = new Timeout(1);
    expect(thrownBy(() => begin(forever))).toBe(timeout);
  });

  greenEach(begins, "%s that fails, or throws what another one has ended with, interrupts nobody", (_, begin) => {
    const error = new Error("of the link");
    begin(() => {
      throw error;
    });
    const other = spawn(forever);
    sleep(0);
    other.kill();
    begin(() => other.wait());
    expect(takeReports()).toEqual([[error, expect.anything()]]);
  });

  green("that is interrupted in the stack of whoever kills does not keep the others from being told", () => {
    const seen: string[] = [];
    const one = spawn(doNothing);
    one.link(forever);
    one.link(() => seen.push("told"));
    const caller = spawn(() => one.kill());
    sleep(0);
    caller.kill();
    expect([seen, thrownBy(() => caller.wait())]).toEqual([["told"], expect.any(GreenletExit)]);
  });
});

describe("kill", () => {
  // 176 TestApi.test_killing_dormant
  green("returns when the victim waits again, not when it has ended", () => {
    const state: string[] = [];
    const one = spawn(() => {
      try {
        state.push("start");
        forever();
      } catch {
        state.push("except");
      }
      sleep(0);
      state.push("finished");
    });
    sleep(0);
    expect(state).toEqual(["start"]);
    kill(one);
    expect(state).toEqual(["start", "except"]);
    sleep(0);
    expect([state, one.wait()]).toEqual([["start", "except", "finished"], undefined]);
  });

  // 167 TestDeadRunLoop.test_kill
  green("of one that has ended does nothing, and switches to nobody", () => {
    const one = spawn(doNothing);
    one.wait();
    idle();
    const seen: number[] = [];
    spawnN(() => seen.push(1));
    kill(one);
    expect(seen).toEqual([]);
  });

  green("comes before whoever is ready by then", () => {
    const seen: string[] = [];
    const event = new Event();
    const one = spawn(() => {
      try {
        event.wait();
        seen.push("sent");
      } catch {
        seen.push("killed");
      }
    });
    sleep(0);
    event.send();
    spawnN(() => seen.push("another"));
    kill(one);
    expect(seen).toEqual(["killed", "another"]);
  });

  green("with an error of a plain one that has not begun is reported once, as its own", () => {
    const error = new Error("of the kill");
    const one = spawnN(doNothing);
    kill(one, error);
    const reports = takeReports();
    expect([one.dead, reports]).toEqual([true, [[error, one]]]);
    expect(reports[0]![1]).toBe(one); // to toEqual, one greenlet is as any other
  });

  green("of oneself throws", () => {
    const error = new Error("of oneself");
    expect(thrownBy(() => kill(getCurrent(), error))).toBe(error);
    expect(thrownBy(() => kill(getCurrent()))).toBeInstanceOf(GreenletExit);
  });

  green("in a callback of the event loop is at once, and needs no greenthread", () => {
    const [waiting, unstarted] = [spawn(forever), spawnAfter(60_000, doNothing)] as const;
    sleep(0);
    onTheHub(() => {
      kill(waiting);
      kill(unstarted);
      expect([waiting.dead, unstarted.dead]).toEqual([true, true]);
    });
  });

  greenEach([[false], [true]], "of a greenlet of gevent (begun: %p)", (hasBegun) => {
    const one = Other.spawn(forever);
    if (hasBegun) sleep(0);
    kill(one);
    expect([one.dead, one.value]).toEqual([true, expect.any(GreenletExit)]);
  });

  green("of one by another, each by the next: all have ended", () => {
    const all: GreenThread[] = Array.from({ length: 5 }, (_, i) =>
      spawn(() => {
        try {
          forever();
        } finally {
          const next = all[i + 1];
          if (next) kill(next);
        }
      }),
    );
    sleep(0);
    kill(all[0]!);
    idle();
    expect(all.map((one) => one.dead)).toEqual([true, true, true, true, true]);
  });
});

describe("a local one", () => {
  // 131 SpawnAfterLocal.test_timer_fired
  green("runs while whoever made it lives", () => {
    const seen: number[] = [];
    const creator = spawn(() => {
      const one = spawnAfterLocal(1, () => seen.push(1));
      one.wait();
    });
    creator.wait();
    expect(seen).toEqual([1]);
  });

  // 132 SpawnAfterLocal.test_timer_cancelled_upon_greenlet_exit, 154 TestScheduleCall.test_global
  green("does not run once that has ended; one that is not local does", () => {
    const seen: string[] = [];
    const made = spawn(() => [spawnAfterLocal(2, () => seen.push("local")), spawnAfter(1, () => seen.push("global"))]);
    const [local, global] = made.wait();
    expect([local!.wait(), global!.wait(), seen]).toEqual([undefined, 1, ["global"]]);
  });
});

// 155 TestScheduleCall.test_ordering
green("those that are spawned for later begin by their time, then as they were spawned", () => {
  const seen: number[] = [];
  const all = [
    spawnAfter(20, () => seen.push(3)),
    spawnAfter(5, () => seen.push(1)),
    spawnAfter(5, () => seen.push(2)),
  ];
  for (const one of all) one.wait();
  expect(seen).toEqual([1, 2, 3]);
});

// 149 TestTimerCleanup.test_cancel_immediate, 150 TestTimerCleanup.test_cancel_accumulated
green("those that are called off leave nothing behind", () => {
  const before = process.getActiveResourcesInfo().length;
  for (let i = 0; i < 2000; i++) {
    spawnAfter(60_000, doNothing).throw();
    if (i % 100 === 0) sleep(0);
  }
  expect(process.getActiveResourcesInfo().length).toBeLessThan(before + 10);
});

describe("an error", () => {
  const failing = (error: unknown) => () => {
    throw error;
  };

  green("that nobody waits for is reported, once", () => {
    const error = new Error("reported");
    const one = spawn(failing(error));
    idle();
    expect(takeReports()).toEqual([[error, one]]);
    expect(thrownBy(() => one.wait())).toBe(error);
  });

  green("is not lost with whoever is interrupted while he waits for it", () => {
    const error = new Error("reported");
    const gate = new Event();
    const one = spawn(() => {
      gate.wait();
      throw error;
    });
    const waiter = spawn(() => one.wait());
    sleep(0);
    waiter.kill();
    gate.send();
    idle();
    expect(takeReports()).toEqual([[error, one]]);
  });

  green("need not be an Error", () => {
    const one = spawn(failing("a string"));
    expect(thrownBy(() => one.wait())).toBe("a string");
  });
});
