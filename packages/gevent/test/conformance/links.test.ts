/** What is told of the end of a greenlet. Source: TestLink and its kin of gevent's test__greenlet. */
import {
  event,
  type Greenlet,
  GreenletExit,
  idle,
  joinAll,
  type LinkTarget,
  queue,
  sleep,
  spawn,
} from "@cordage/gevent";
import { describe, expect } from "@jest/globals";
import { green, greenEach, takeReports } from "../support/green.js";

type Kind = "link" | "linkValue" | "linkException";
const { AsyncResult } = event;
const { Queue, Channel } = queue;

describe("a link", () => {
  // 7 TestLink.test_link_to_asyncresult
  green("to a result gives it the value, and so does one that comes late", () => {
    const g = spawn(() => 100);
    const first = new AsyncResult<number>();
    g.link(first);
    expect(first.get()).toBe(100);
    for (let i = 0; i < 3; i++) {
      const late = new AsyncResult<number>();
      g.link(late);
      expect(late.get({ timeout: 1000 })).toBe(100);
    }
  });

  // 9 TestLink.test_link_to_queue
  green("to a queue's put puts the greenlet itself", () => {
    const g = spawn(() => 100);
    const q = new Queue<Greenlet>();
    const put = (one: Greenlet) => q.put(one);
    for (let i = 0; i < 3; i++) {
      g.link(put);
      expect(q.get()).toBe(g);
      expect(g.get()).toBe(100);
    }
  });

  // 10 TestLink.test_link_to_channel
  green("may wait: a channel gets all three", () => {
    const channel = new Channel<Greenlet<number>>();
    for (const value of [100, 101, 102]) spawn(() => value).link((one) => channel.put(one));
    const values = [1, 2, 3].map(() => channel.get().get());
    expect(values.sort()).toEqual([100, 101, 102]);
  });

  green("never is called at once", () => {
    const g = spawn(() => 1);
    g.join();
    const seen: string[] = [];
    g.link(() => seen.push("link"));
    g.rawlink(() => seen.push("rawlink"));
    seen.push("here");
    sleep(0);
    expect(seen).toEqual(["here", "link", "rawlink"]);
  });
});

describe("unlink", () => {
  // 11 TestUnlink.test_func_link, 12 TestUnlink.test_func_link_value
  greenEach<[Kind]>([["link"], ["linkValue"], ["linkException"]], "takes back what %s was given", (kind) => {
    const seen: unknown[] = [];
    const g = spawn(() => 1);
    const [fn, result] = [() => void seen.push("called"), new AsyncResult()];
    for (const target of [fn, result] as LinkTarget[]) {
      g[kind](target);
      expect(g.linkCount).toBe(1);
      g.unlink(target);
      expect(g.linkCount).toBe(0);
    }
    g.join();
    sleep(0);
    expect([seen, result.ready()]).toEqual([[], false]);
  });

  green("of what is not linked does nothing; of what is linked twice takes one", () => {
    const seen: number[] = [];
    const g = spawn(() => 1);
    const note = () => void seen.push(1);
    g.unlink(note);
    g.link(note);
    g.link(note);
    g.unlink(note);
    expect(g.linkCount).toBe(1);
    g.join();
    sleep(0);
    expect(seen).toEqual([1]);
  });
});

/** Targets of every kind, linked by one of the three, and whether they were told. */
class Targets {
  readonly results = Array.from({ length: 21 }, () => new AsyncResult<unknown>());
  readonly queue = new Queue<Greenlet>();
  calls: Greenlet[] = [];

  constructor(
    readonly greenlet: Greenlet<any>,
    kind: Kind,
  ) {
    for (const result of this.results) greenlet[kind](result);
    greenlet[kind]((one) => this.queue.put(one));
    greenlet[kind]((one) => void this.calls.push(one));
  }

  expectTold(outcome: { value: unknown } | { error: unknown }): void {
    for (const result of this.results) {
      result.wait({ timeout: 1000 });
      expect("error" in outcome ? result.exception : result.value).toBe(Object.values(outcome)[0]);
      expect(result.successful()).toBe("value" in outcome);
    }
    expect(this.queue.get({ timeout: 1000 })).toBe(this.greenlet);
    expect(this.calls).toEqual([this.greenlet]);
  }

  expectNotTold(): void {
    expect(this.results.some((one) => one.ready())).toBe(false);
    expect([this.queue.qsize(), this.calls]).toEqual([0, []]);
  }
}

/** Three rounds: the first before its end, the others after it. */
function threeRounds(make: () => Greenlet<any>, told: Kind, other: Kind, end: (g: Greenlet) => void): void {
  const g = make();
  for (let round = 0; round < 3; round++) {
    const [those, others] = [new Targets(g, told), new Targets(g, other)];
    if (round === 0) end(g);
    g.join();
    those.expectTold(g.successful() ? { value: g.value } : { error: g.exception });
    sleep(0);
    others.expectNotTold();
  }
}

const succeeding: Array<[Kind]> = [["link"], ["linkValue"]];
const failing: Array<[Kind]> = [["link"], ["linkException"]];

describe("after a result,", () => {
  // 14 TestReturn_link.test_return, 16 TestReturn_link_value.test_return
  greenEach(succeeding, "targets of %s are told, before and after; those of linkException are not", (kind) => {
    threeRounds(
      () => spawn(() => 25),
      kind,
      "linkException",
      () => undefined,
    );
  });

  // 15 TestReturn_link.test_kill, 17 TestReturn_link_value.test_kill
  greenEach(succeeding, "and so after a kill, which is none of the failures: %s", (kind) => {
    const make = () => {
      const g = spawn(() => sleep(10_000));
      sleep(0);
      return g;
    };
    let killed!: Greenlet;
    threeRounds(make, kind, "linkException", (g) => {
      killed = g;
      g.kill();
    });
    expect(killed.get()).toBeInstanceOf(GreenletExit);
    expect(killed.successful()).toBe(true);
  });
});

describe("after an error,", () => {
  // 19 TestRaise_link_exception.test_raise
  greenEach(failing, "targets of %s are told, before and after; those of linkValue are not", (kind) => {
    const error = new Error("expected");
    const make = () =>
      spawn(() => {
        throw error;
      });
    threeRounds(make, kind, "linkValue", () => undefined);
    expect(takeReports()).toEqual([]);
  });

  green("which only linkValue would have been told of, it is reported", () => {
    const error = new Error("lost otherwise");
    const g = spawn(() => {
      throw error;
    });
    g.linkValue(() => undefined);
    g.join();
    sleep(0);
    expect(takeReports()).toEqual([[error, g]]);
  });

  green("and a link that was taken back before, it is reported", () => {
    const error = new Error("lost otherwise");
    const g = spawn(() => {
      throw error;
    });
    const link = () => undefined;
    g.link(link);
    g.unlink(link);
    g.join();
    sleep(0);
    expect(takeReports()).toEqual([[error, g]]);
  });
});

describe("listeners", () => {
  const ends: Array<[string, () => unknown]> = [
    ["a result", () => 1],
    [
      "an error",
      () => {
        throw new Error("of the greenlet");
      },
    ],
  ];

  // 25 TestStuff.test_multiple_listeners_error
  greenEach(ends, "that throw do not stop the others, after %s", (_, body) => {
    const seen: number[] = [];
    const g = spawn(body);
    for (const i of [1, 2, 3])
      g.link(() => {
        seen.push(i);
        throw new Error(`listener ${i}`);
      });
    g.rawlink(() => {
      seen.push(4);
      throw new Error("listener 4");
    });
    g.join();
    idle();
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(takeReports().map(([error]) => (error as Error).message)).toEqual([1, 2, 3, 4].map((i) => `listener ${i}`));
  });

  // 26 TestStuff.test_multiple_listeners_error_unlink_Greenlet_link, 27 TestStuff.test_multiple_listeners_error_unlink_Greenlet_rawlink
  greenEach<["link" | "rawlink"]>(
    [["link"], ["rawlink"]],
    "may take each other back: one of two is called (%s)",
    (kind) => {
      for (const body of [() => 1, () => sleep(1)]) {
        const g = spawn(body);
        const seen: number[] = [];
        const first = () => {
          seen.push(1);
          g.unlink(second);
          throw new Error("first");
        };
        const second = () => {
          seen.push(2);
          g.unlink(first);
          throw new Error("second");
        };
        g[kind](first);
        g[kind](second);
        g.join();
        idle();
        expect(seen).toEqual([1]);
        expect(takeReports()).toHaveLength(1);
      }
    },
  );

  // 167 TestAsyncResultAsLinkTarget.test_set
  green("that are results take what they were linked for", () => {
    const g = spawn(() => 1);
    const [s1, s2, s3] = [new AsyncResult(), new AsyncResult(), new AsyncResult()];
    g.link(s1);
    g.linkValue(s2);
    g.linkException(s3);
    expect([s1.get(), s2.get()]).toEqual([1, 1]);
    joinAll([g]);
    sleep(0);
    expect(s3.ready()).toBe(false);
  });
});
