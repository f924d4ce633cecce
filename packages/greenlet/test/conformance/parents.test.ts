/** Who gets the result, and how that is changed. */
import { Greenlet, getCurrent, greenlet } from "@cordage/greenlet";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { SomeError, toParent } from "../support/greenlets.js";

const main = getCurrent();

describe("a parent", () => {
  // 4 TestGreenlet.test_parent_equals_None
  test("is the greenlet that runs, if none is given", () => {
    expect(greenlet(() => 1, undefined).parent).toBe(main);
    expect(greenlet(() => 1, null).parent).toBe(main);
    const g: Greenlet = greenlet(() => greenlet().parent);
    expect(g.switch()).toBe(g);
  });

  // 25 TestGreenlet.test_parent_return_failure
  test("that has no run fails for the one that runs in the end", () => {
    const parent = greenlet();
    const child = greenlet(() => 1, parent);
    expect(thrownBy(() => child.switch())).toMatchObject({ code: "ERR_NO_RUN" });
    expect([child.dead, parent.started]).toEqual([true, false]);
  });

  // 37 TestGreenlet.test_falling_off_end_switches_to_unstarted_parent_raises_error, TestGreenlet.test_falling_off_end_switches_to_unstarted_parent_works
  test("that has not started is started with the result", () => {
    const parent = greenlet((...args: unknown[]) => [...args, 24]);
    expect(greenlet(() => 42, parent).switch()).toEqual([42, 24]);
    expect(parent.dead).toBe(true);
    const refuses = greenlet((...args: unknown[]) => {
      if (args.length > 0) throw new TypeError("takes nothing");
    });
    expect(() => greenlet(() => 42, refuses).switch()).toThrow("takes nothing");
  });

  // 39 TestGreenlet.test_switch_to_dead_greenlet_with_unstarted_perverse_parent
  test("whose run cannot even be looked up fails each time", () => {
    class Perverse extends Greenlet {
      constructor() {
        super();
        Object.defineProperty(this, "run", {
          get() {
            throw new SomeError("perverse");
          },
        });
      }
    }
    let runs = 0;
    const child = greenlet(() => runs++, new Perverse());
    for (let i = 0; i < 2; i++) expect(() => child.switch()).toThrow(SomeError);
    expect([runs, child.dead]).toEqual([1, true]);
  });

  // 40 TestGreenlet.test_switch_to_dead_greenlet_reparent
  test("that a dead one is given is started by a switch to that one", () => {
    const log: number[] = [];
    const parent = greenlet(() => void log.push(24));
    const child = greenlet(() => void log.push(42));
    child.switch();
    child.parent = parent;
    expect(child.switch()).toBeUndefined();
    expect([log, parent.dead]).toEqual([[42, 24], true]);
  });

  // 137 CAPITests.test_setparent
  test("may be set while the child is suspended: it goes on there, and what follows elsewhere never runs", () => {
    const log: string[] = [];
    const foo = greenlet(() => {
      const child = greenlet(() => {
        toParent();
        log.push("child goes on");
        toParent("from the child");
        log.push("never");
      });
      child.switch();
      toParent(child);
      log.push("never");
    });
    const child = foo.switch() as Greenlet;
    child.parent = main;
    expect(child.switch()).toBe("from the child");
    expect(log).toEqual(["child goes on"]);
    for (const one of [child, foo]) one.throw();
  });

  // 49 TestGreenletSetParentErrors.test_cannot_delete_parent_of_main, TestGreenletSetParentErrors.test_cannot_delete_parent
  test("cannot be deleted", () => {
    const g = greenlet();
    Reflect.deleteProperty(g, "parent");
    expect(g.parent).toBe(main);
    Reflect.deleteProperty(main, "parent");
    expect(main.parent).toBeUndefined();
  });

  // 50 TestGreenletSetParentErrors.test_main_greenlet_parent_is_none
  test("is what the main greenlet does not have", () => {
    expect(main.parent).toBeUndefined();
  });

  // TestGreenletSetParentErrors.test_trivial_cycle_main
  test("is what the main greenlet cannot be given", () => {
    for (const parent of [main, greenlet()]) {
      const error = thrownBy(() => {
        main.parent = parent;
      });
      expect(error).toMatchObject({ name: "RangeError", code: "ERR_OUT_OF_RANGE" });
    }
  });

  // 51 TestGreenletSetParentErrors.test_set_parent_wrong_types
  test("must be a greenlet, before the start and later", () => {
    const check = (one: Greenlet) => {
      for (const wrong of [null, undefined, 1, {}, "42", Greenlet]) {
        const error = thrownBy(() => Reflect.set(one, "parent", wrong));
        expect(error).toMatchObject({ name: "TypeError", code: "ERR_INVALID_ARG_TYPE" });
      }
      expect(one.parent).toBe(main);
    };
    const g = greenlet(() => toParent());
    check(g);
    g.switch();
    check(g);
    g.switch();
    expect(g.dead).toBe(true);
  });

  // 52 TestGreenletSetParentErrors.test_trivial_cycle
  test("cannot be oneself", () => {
    const g = greenlet(() => 1);
    const error = thrownBy(() => {
      g.parent = g;
    });
    expect(error).toMatchObject({ name: "RangeError", code: "ERR_OUT_OF_RANGE" });
    expect(g.parent).toBe(main);
  });

  // 54 TestGreenletSetParentErrors.test_deeper_cycle
  test("cannot be one's own child's child", () => {
    const [g1, g2, g3] = [greenlet(), greenlet(), greenlet()];
    g1.parent = g2;
    g2.parent = g3;
    const error = thrownBy(() => {
      g3.parent = g1;
    });
    expect(error).toMatchObject({ name: "RangeError", code: "ERR_OUT_OF_RANGE" });
    expect(error.message).toContain("ancestor");
    expect(g3.parent).toBe(main);
  });
});
