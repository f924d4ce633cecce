/** The hub, and what it lets run when. Source: gevent's test__hub, test__order, test__sleep0, test__core_timer, test__api. */
import { stat } from "node:fs";
import {
  event,
  Greenlet,
  GreenletExit,
  getCurrent,
  InvalidSwitchError,
  idle,
  iwait,
  joinAll,
  local,
  lock,
  queue,
  run,
  sleep,
  spawn,
  spawnRaw,
  Timeout,
  wait,
} from "@cordage/gevent";
import { failureOf, thrownBy, untilCollected } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { green, greenEach } from "../support/green.js";

describe("sleep()", () => {
  // 221 TestSleep.test_simple, 2 AbstractGenericWaitTestCase.test_returns_none_after_timeout
  green("returns nothing, after its time", () => {
    expect([sleep(), sleep(0), sleep(1)]).toEqual([undefined, undefined, undefined]);
    const began = performance.now();
    sleep(20);
    expect(performance.now() - began).toBeGreaterThan(18);
  });

  // 244 TestSleep0.test
  green("of nothing gives each its turn", () => {
    const seen: string[] = [];
    const steps = (name: string) => () => {
      seen.push(`${name}A`);
      sleep(0);
      seen.push(`${name}B`);
    };
    joinAll([spawn(steps("1")), spawn(steps("2"))]);
    expect(seen).toEqual(["1A", "2A", "1B", "2B"]);
  });

  // 245 test__sleep0, 250 TestTimerResolution.test_resolution
  green("in an endless loop starves neither timers nor immediates nor promises", () => {
    const seen = new Set<string>();
    setTimeout(() => seen.add("timer"), 1);
    setImmediate(() => seen.add("immediate"));
    Promise.resolve().then(() => seen.add("promise"));
    process.nextTick(() => seen.add("tick"));
    while (seen.size < 4) sleep(0);
    expect([...seen].sort()).toEqual(["immediate", "promise", "tick", "timer"]);
  });

  green("of many ends in the order of their times", () => {
    const seen: number[] = [];
    const sleepsUntil = (ms: number) => () => {
      const due = performance.now() + ms; // a busy machine may begin the second long after the first
      sleep(ms);
      seen.push(due);
    };
    joinAll([200, 1, 100].map((ms) => spawn(sleepsUntil(ms))));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen).toHaveLength(3);
  });

  // 1 _DelayWaitMixin.test_outer_timeout_is_not_lost
  green("is interrupted by a timeout", () => {
    const outer = Timeout.startNew(1);
    expect(thrownBy(() => sleep(10_000))).toBe(outer);
  });
});

describe("what is ready already, waited for without end, lets timers and I/O have their turn:", () => {
  const ready = new event.Event();
  ready.set();
  const free = new lock.Semaphore(1);
  const ended = new Greenlet(() => 1);
  ended.kill(GreenletExit, { block: false });
  const waits: Record<string, () => unknown> = {
    "an event": () => wait([ready]),
    "a greenlet": () => joinAll([ended]),
    "a semaphore": () => wait([free]),
    "one by one": () => [...iwait([ready])],
    "one of two": () => wait([ready, new event.Event()], { count: 1 }),
    "a promise": () => wait(Promise.resolve()),
    "a promise that is rejected": () => thrownBy(() => wait(Promise.reject(new Error("refused")))),
    promises: () => wait([Promise.resolve(), Promise.resolve()]),
  };
  for (const [name, again] of Object.entries(waits))
    green(name, () => {
      const seen = new Set<string>();
      setTimeout(() => seen.add("timer"), 1);
      stat(".", () => seen.add("I/O"));
      for (let i = 0; i < 500_000 && seen.size < 2; i++) again();
      expect([...seen].sort()).toEqual(["I/O", "timer"]);
    });
});

green("those who wait for the same thing without end have their turns in order", () => {
  const one = new event.Event();
  one.set();
  const seen: string[] = [];
  const waits = (name: string) => () => {
    for (let i = 0; i < 3; i++) {
      wait([one]);
      seen.push(name);
    }
  };
  joinAll([spawn(waits("a")), spawn(waits("b"))]);
  expect(seen.join("")).toBe("ababab");
});

describe("a limit that passes while the thread is held", () => {
  const hold = () => {
    const end = performance.now() + 10;
    while (performance.now() < end);
  };
  const [flag, items, result, other] = [
    new event.Event(),
    new queue.Queue(),
    new event.AsyncResult(),
    new event.Event(),
  ];
  const waits: Array<[string, (o: { timeout: number }) => unknown, () => void, unknown]> = [
    ["an event", (o) => flag.wait(o), () => flag.set(), true],
    ["an item", (o) => items.get(o), () => items.put("item"), "item"],
    ["a result", (o) => result.get(o), () => result.set("result"), "result"],
    ["several", (o) => wait([other], o), () => other.set(), [other]],
  ];

  test.each(waits)("is later than what was ready before: %s", async (_, waitFor, give, expected) => {
    const waiter = spawn(() => waitFor({ timeout: 5 }));
    waiter.switch(); // now, so that the event loop does not turn between this and the hold
    give();
    hold();
    expect(await run(() => waiter.get())).toEqual(expected);
  });
});

describe("idle()", () => {
  green("lets all run until they wait for something else", () => {
    let steps = 0;
    spawn(() => {
      for (; steps < 100; steps++) sleep(0);
      new event.Event().wait();
    });
    idle();
    expect(steps).toBe(100);
  });
});

/** Whoever switches into a greenlet that waits for something else breaks that wait. */
const waits: Array<[string, () => void]> = [
  ["sleep()", () => sleep(20_000)],
  ["sleep(0)", () => sleep(0)],
  ["wait(event)", () => wait([new event.Event()])],
  ["wait(promise)", () => wait(new Promise(() => undefined))],
];

// 74 Test(api).test_sleep_invalid_switch, 75 Test(api).test_invalid_switch_None, 76 Test(api).test_invalid_switch_0
// 77 Test(api).test_invalid_switch_1: test with whatever waits
greenEach(waits, "a foreign switch into %s is an InvalidSwitchError there", (_, waitFor) => {
  const raw = spawn(() => thrownBy(waitFor));
  const switched = new Promise<void>((resolve) => {
    raw.rawlink(() => resolve());
  });
  spawnRaw(() => raw.switch("foreign"));
  wait(switched);
  expect(raw.value).toBeInstanceOf(InvalidSwitchError);
  expect(raw.value).toMatchObject({ code: "ERR_INVALID_SWITCH" });
  sleep(10);
});

describe("run()", () => {
  const later = () => {
    sleep(1);
    return "later";
  };

  test("resolves with what the function returns, and with the value of a promise that it returns", async () => {
    expect(await run(() => 5)).toBe(5);
    expect(await run(async () => 6)).toBe(6);
    expect(await run(later)).toBe("later");
  });

  test("rejects with what the function throws; nothing is printed", async () => {
    const error = new Error("expected");
    const failing = () => {
      sleep(1);
      throw error;
    };
    expect(await failureOf(run(failing))).toBe(error);
  });

  test("of several at the same time: they take turns", async () => {
    const seen: string[] = [];
    const steps = (name: string) => () => {
      for (let i = 0; i < 3; i++) {
        seen.push(`${name}${i}`);
        sleep(0);
      }
      return name;
    };
    expect(await Promise.all([run(steps("a")), run(steps("b"))])).toEqual(["a", "b"]);
    expect(seen).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
  });

  green("within a greenlet", () => {
    expect(wait(run(() => wait(run(later))))).toBe("later");
  });
});

describe("local()", () => {
  green("has each greenlet's own properties", () => {
    const own = local<{ x?: number }>();
    own.x = 1;
    const seen = spawn(() => {
      const before = ["x" in own, own.x, Object.keys(own)];
      own.x = 2;
      sleep(0);
      return [...before, own.x, delete own.x, own.x];
    });
    expect(seen.get()).toEqual([false, undefined, [], 2, true, undefined]);
    expect([own.x, Object.keys(own), { ...own }, JSON.stringify(own)]).toEqual([1, ["x"], { x: 1 }, '{"x":1}']);
  });

  green("is made anew for each, of what makes it", () => {
    class Counter {
      count = 0;
      next(): number {
        return ++this.count;
      }
    }
    let made = 0;
    const counter = local(() => {
      made++;
      return new Counter();
    });
    expect([counter.next(), counter.next(), counter instanceof Counter]).toEqual([1, 2, true]);
    expect([spawn(() => counter.next()).get(), counter.next(), made]).toEqual([1, 3, 2]);
    Object.defineProperty(counter, "hidden", { value: 7 });
    expect([(counter as any).hidden, Object.keys(counter)]).toEqual([7, ["count"]]);
  });

  test("goes with its greenlet", async () => {
    const own = local<{ large?: object }>();
    const ref = await run(() => {
      const large = {};
      own.large = large;
      return new WeakRef(large);
    });
    expect(await untilCollected(async () => ref.deref() === undefined)).toBe(true);
  });
});

green("getCurrent() is the greenlet that runs", () => {
  const g = spawn(() => getCurrent());
  expect(g.get()).toBe(g);
});
