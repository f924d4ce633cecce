/** A function that hears of each switch. */
import { type Greenlet, getCurrent, getTrace, greenlet, setTrace, type TraceCallback } from "@cordage/greenlet";
import { afterEach, describe, expect, test } from "@jest/globals";
import { SomeError, toParent } from "../support/greenlets.js";

const main = getCurrent();

afterEach(() => {
  setTrace(undefined);
});

function traced(body: () => void): Array<Parameters<TraceCallback>> {
  const events: Array<Parameters<TraceCallback>> = [];
  const before = setTrace((...event) => events.push(event));
  body();
  setTrace(before);
  return events;
}

describe("a tracer", () => {
  // 80 TestGreenletTracing.test_a_greenlet_tracing
  test("hears who gives control to whom, and whether with an error", () => {
    const g1 = greenlet(() => 1);
    const g2 = greenlet(() => {
      throw new SomeError();
    });
    const events = traced(() => {
      g1.switch();
      expect(() => g2.switch()).toThrow(SomeError);
    });
    expect(events).toEqual([
      ["switch", [main, g1]],
      ["switch", [g1, main]],
      ["switch", [main, g2]],
      ["throw", [g2, main]],
    ]);
  });

  test("hears of one that is killed before it has started, of itself, and of the dead one's heir", () => {
    const [killed, dead] = [greenlet(() => 1), greenlet(() => 1)];
    dead.switch();
    const events = traced(() => {
      killed.throw();
      main.switch();
      dead.switch();
      dead.throw();
    });
    expect(events).toEqual([
      ["throw", [main, killed]],
      ["switch", [killed, main]],
      ["switch", [main, main]],
      ["switch", [main, main]],
      ["switch", [main, main]],
    ]);
  });

  // 81 TestGreenletTracing.test_b_exception_disables_tracing
  test("that throws is taken off, and its error is that of the greenlet which control has come to", () => {
    const events: unknown[] = [];
    const g = greenlet(() => toParent());
    g.switch();
    setTrace((...event) => {
      events.push(event);
      throw new SomeError();
    });
    expect(() => g.switch()).toThrow(SomeError);
    expect(getTrace()).toBeUndefined();
    expect(events).toEqual([["switch", [main, g]]]);
    expect(g.dead).toBe(true);
  });

  test("that throws keeps one that has not started from its beginning", () => {
    let ran = false;
    const g = greenlet(() => {
      ran = true;
    });
    setTrace(() => {
      throw new SomeError();
    });
    expect(() => g.switch()).toThrow(SomeError);
    expect([ran, g.dead]).toEqual([false, true]);
  });

  // 82 TestGreenletTracing.test_set_same_tracer_twice
  test("may be set twice; the one before is told", () => {
    const tracer = () => undefined;
    expect([setTrace(tracer), setTrace(tracer), getTrace()]).toEqual([undefined, tracer, tracer]);
    expect([setTrace(null), getTrace()]).toEqual([tracer, undefined]);
  });

  test("runs in the greenlet which control has come to", () => {
    const currents: Greenlet[] = [];
    const g = greenlet(() => 1);
    setTrace(() => currents.push(getCurrent()));
    g.switch();
    expect(currents).toEqual([g, main]);
  });
});

describe("a tracer that switches itself", () => {
  /** Sets one that goes somewhere else at the first event after `divert()`. */
  function diverting(elsewhere: () => unknown, log: unknown[]): () => void {
    let divert = false;
    setTrace((event) => {
      log.push(event);
      if (!divert) return;
      divert = false;
      log.push(["tracer", elsewhere()]);
    });
    return () => {
      divert = true;
    };
  }

  // 67 TestBrokenGreenlets.test_reentrant_switch_two_greenlets
  test("leaves both greenlets whole", () => {
    const log: unknown[] = [];
    const divert = diverting(() => g2.switch(), log);
    const g1: Greenlet = greenlet(() => {
      divert();
      log.push(["g1", toParent("g1 suspended")]);
    });
    const g2: Greenlet = greenlet(() => {
      log.push(["g2", toParent("g2 suspended")]);
    });
    for (const one of [g1, g1, g2]) log.push(["main", one.switch("from main")]);
    expect(log).toEqual([
      "switch", // to g1, which goes back to main, where the tracer goes to g2
      "switch",
      "switch", // g2 goes back to main, in the tracer
      "switch",
      ["tracer", "g2 suspended"],
      ["main", "g1 suspended"],
      "switch",
      ["g1", "from main"],
      "switch",
      ["main", undefined],
      "switch",
      ["g2", "from main"],
      "switch",
      ["main", undefined],
    ]);
    expect([g1.dead, g2.dead]).toEqual([true, true]);
  });

  // 69 TestBrokenGreenlets.test_reentrant_switch_three_greenlets2
  test("does not mix up what the greenlets are given", () => {
    const log: unknown[] = [];
    const divert = diverting(() => g2.switch("g2 from the tracer"), log);
    const body = (name: string) => (arg: unknown) => {
      log.push([`${name} begins`, arg]);
      log.push([`${name} goes on`, toParent(`from ${name}`)]);
      return `${name} done`;
    };
    const [g1, g2] = [greenlet(body("g1")), greenlet(body("g2"))];
    divert();
    for (const [i, one] of [g1, g1, g1, g2].entries()) log.push(["main", one.switch(`from main ${i}`)]);
    expect(log).toEqual([
      "switch", // to g1, where the tracer goes to g2
      "switch",
      ["g2 begins", "g2 from the tracer"],
      "switch",
      ["main", "from g2"],
      "switch",
      ["tracer", "from main 1"],
      ["g1 begins", "from main 0"],
      "switch",
      ["main", "from g1"],
      "switch",
      ["g1 goes on", "from main 2"],
      "switch",
      ["main", "g1 done"],
      "switch",
      ["g2 goes on", "from main 3"],
      "switch",
      ["main", "g2 done"],
    ]);
  });
});
