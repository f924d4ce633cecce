/** Greenlets that are started, suspended and gone on with; what goes with control. */
import { Greenlet, getCurrent, greenlet } from "@cordage/greenlet";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { end, isActive, toParent } from "../support/greenlets.js";

describe("control", () => {
  // 1 TestGreenlet.test_simple
  test("goes to a greenlet and comes back, twice", () => {
    const log = [0];
    const g = greenlet(() => {
      log.push(1);
      toParent();
      log.push(3);
    });
    g.switch();
    log.push(2);
    g.switch();
    log.push(4);
    expect(log).toEqual([0, 1, 2, 3, 4]);
  });

  // 6 TestGreenlet.test_two_children
  test("goes to two in turns, and each is dead once its function has ended", () => {
    const log: number[] = [];
    const f = () => {
      log.push(1);
      toParent();
      log.push(1, 1);
    };
    const [g, h] = [greenlet(f), greenlet(f)];
    const steps: unknown[] = [];
    for (const one of [g, h, h, g]) {
      one.switch();
      steps.push([log.length, g.dead, h.dead]);
    }
    expect(steps).toEqual([
      [1, false, false],
      [2, false, false],
      [4, false, true],
      [6, true, true],
    ]);
  });

  // 7 TestGreenlet.test_two_recursive_children
  test("comes back to the greenlet that started another one", () => {
    const log: string[] = [];
    let inner: Greenlet | undefined;
    const outer = greenlet(() => {
      log.push("a");
      inner = greenlet(() => {
        log.push("b");
        toParent();
      });
      inner.switch();
      log.push("c");
    });
    outer.switch();
    expect(log).toEqual(["a", "b", "c"]);
    end(inner!);
  });

  // 42 TestGreenlet.test_get_stack_with_nested_c_calls
  test("comes back into calls that are many deep, through those that are not JavaScript's", () => {
    const recurse = (n: number): number =>
      n > 0 ? [n].map((each) => each * recurse(n - 1))[0]! : (toParent(0) as number);
    const g = greenlet(recurse);
    g.switch(5);
    expect(g.switch(10)).toBe(1200);
  });

  // 44 TestGreenlet.test_switching_holding_critical_section_no_crash
  test("may leave in the middle of a sort, twice over", () => {
    const sorts = () =>
      [3, 1, 2].sort((a, b) => {
        toParent();
        return a - b;
      });
    const [g, h] = [greenlet(sorts), greenlet(sorts)];
    const results: unknown[] = [];
    while (!g.dead || !h.dead) for (const one of [g, h]) if (!one.dead) results.push(one.switch());
    expect(results.filter(Boolean)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(results.length).toBeGreaterThan(4);
  });
});

describe("run", () => {
  // 2 TestGreenlet.test_switch_no_run_raises_AttributeError, TestGreenlet.test_throw_no_run_raises_AttributeError
  test("must be there at the first switch, and at the first throw", () => {
    const g = greenlet();
    for (const start of [() => g.switch(), () => g.throw(new Error("lost"))]) {
      const error = thrownBy(start);
      expect(error).toMatchObject({ name: "GreenletError", code: "ERR_NO_RUN" });
      expect(error.message).toContain("run");
    }
    expect(g.started).toBe(false);
  });

  // 5 TestGreenlet.test_run_equals_None
  test("may be none, and set later", () => {
    for (const none of [undefined, null]) {
      const g = greenlet(none);
      expect(g.run).toBeUndefined();
      g.run = (n: number) => n + 1;
      expect(g.switch(1)).toBe(2);
    }
  });

  // 22 TestGreenlet.test_running_greenlet_has_no_run
  test("is gone once it runs", () => {
    let seen: unknown[] = [];
    const g: Greenlet = greenlet(() => {
      seen = [g.run];
    });
    expect(g.run).toBeDefined();
    g.switch();
    expect([...seen, g.run]).toEqual([undefined, undefined]);
  });

  // 29 TestGreenlet.test_recursive_startup
  test("starts once, if looking it up has started it", () => {
    class Convoluted extends Greenlet {
      looked = 0;
      constructor() {
        super();
        Object.defineProperty(this, "run", { get: () => this.lookUp() });
      }
      private lookUp() {
        if (this.looked++ === 0) this.switch(43);
        return (value: number) => {
          for (;;) this.parent!.switch(value);
        };
      }
    }
    const g = new Convoluted();
    expect(g.switch(42)).toBe(43);
    expect(g.started).toBe(true);
    end(g);
  });

  // 70 TestBrokenGreenlets.test_reentrant_switch_GreenletAlreadyStartedInPython
  test("that was started and has ended while it was looked up: what was sent goes to the parent", () => {
    const results: unknown[] = [];
    let looked = 0;
    const g: Greenlet = Object.defineProperty(greenlet(), "run", {
      get() {
        if (looked++ === 0) results.push(g.switch("inner"));
        return (value: unknown) => ["ran with", value];
      },
    });
    results.push(g.switch("outer"));
    expect(results).toEqual([["ran with", "inner"], "outer"]);
    expect(g.dead).toBe(true);
  });
});

describe("what is sent", () => {
  // 17 TestGreenlet.test_switch_kwargs
  test("may be options", () => {
    const run = ({ a, b }: { a: number; b: number }) => {
      expect([a, b]).toEqual([4, 2]);
      return 42;
    };
    expect(greenlet(run).switch({ a: 4, b: 2 })).toBe(42);
  });

  // TestGreenlet.test_switch_kwargs_to_parent
  test("comes as it is: nothing, one value, several", () => {
    const g = greenlet((x: number) => {
      toParent();
      toParent(undefined);
      toParent([1]);
      toParent(2, { x: 3 });
      return [x, x ** 2];
    });
    const seen = [g.switch(3), g.switch(), g.switch(), g.switch(), g.switch()];
    expect(seen).toEqual([undefined, undefined, [1], [2, { x: 3 }], [3, 9]]);
  });

  // 31 TestGreenlet.test_dealloc_switch_args_not_lost
  test("is not lost on its way through a greenlet that hands it on and ends", () => {
    let after: unknown;
    const worker: Greenlet = greenlet(() => {
      const value = toParent();
      initiator.parent = getCurrent().parent!;
      try {
        toParent(value);
      } finally {
        after = getCurrent();
      }
    });
    worker.switch();
    const initiator: Greenlet = greenlet(() => 42, worker);
    expect(initiator.switch()).toBe(42);
    end(worker);
    expect(after).toBe(worker);
  });

  test("to one that is dead, or to itself, comes back", () => {
    const dead = greenlet(() => 1);
    dead.switch();
    for (const one of [dead, getCurrent()]) {
      expect([one.switch(), one.switch(3), one.switch(3, 4), one.switch({ x: 1 })]).toEqual([
        undefined,
        3,
        [3, 4],
        { x: 1 },
      ]);
    }
  });
});

describe("a greenlet", () => {
  // 15 TestGreenlet.test_frame
  test("is active while it is suspended, and gives its result in the end", () => {
    const g = greenlet(() => {
      toParent("suspended");
      return "meaning of life";
    });
    expect(isActive(g)).toBe(false);
    expect([g.switch(), isActive(g)]).toEqual(["suspended", true]);
    expect([g.switch(), isActive(g)]).toEqual(["meaning of life", false]);
  });

  // 21 TestGreenlet.test_instance_dict
  test("has room for properties", () => {
    const g = greenlet(() => Object.assign(getCurrent(), { test: 42 }));
    expect(Object.keys(g)).toEqual([]);
    expect(g.switch()).toBe(g);
    expect(Object.entries(g)).toEqual([["test", 42]]);
  });

  // TestGreenlet.test_deepcopy
  test("cannot be copied, where Node can say so", () => {
    const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
    const refuses = major > 22 || (major === 22 && minor >= 10);
    if (refuses) expect(() => structuredClone(greenlet())).toThrow("Cannot clone object of unsupported type");
    else expect(structuredClone(greenlet())).toEqual({});
  });

  // TestGreenlet.test_abstract_subclasses
  test("may be of an abstract class", () => {
    abstract class Abstract extends Greenlet {
      abstract override run(n: number): number;
    }
    class Doubles extends Abstract {
      override run(n: number): number {
        return this === getCurrent() ? n * 2 : 0;
      }
    }
    expect(new Doubles().switch(21)).toBe(42);
  });
});

describe("the main greenlet", () => {
  // 61 TestMainGreenlet.test_main_greenlet_type_can_be_subclassed
  test("is of a class that can have subclasses", () => {
    const Main = getCurrent().constructor as typeof Greenlet;
    class Sub extends Main {}
    expect(new Sub(() => 1).switch()).toBe(1);
  });

  // 62 TestMainGreenlet.test_main_greenlet_is_greenlet
  test("is a greenlet", () => {
    expect(getCurrent()).toBeInstanceOf(Greenlet);
    expect(String(getCurrent())).toContain("main");
  });
});
