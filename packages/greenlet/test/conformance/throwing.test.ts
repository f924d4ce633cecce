/** Errors: thrown into greenlets, and on their way to parents. */
import { GreenletError, GreenletExit, getCurrent, greenlet } from "@cordage/greenlet";
import { CordageError } from "@cordage/ipc";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { end, SomeError, toParent } from "../support/greenlets.js";

const main = getCurrent();

/** Suspends itself once; notes what is thrown there, and lets it pass; fails if nothing is. */
function fmain(seen: unknown[]): void {
  try {
    toParent();
  } catch (error) {
    seen.push((error as Error).constructor);
    throw error;
  }
  throw new SomeError("of its own");
}

describe("an error that nobody catches", () => {
  // 10 TestGreenlet.test_exception
  test("goes from parent to parent: to where each is suspended, and out of there", () => {
    const seen: unknown[] = [];
    const [g1, g2] = [greenlet(fmain), greenlet(fmain)];
    g1.switch(seen);
    g2.switch(seen);
    g2.parent = g1;
    expect(seen).toEqual([]);
    expect(() => g2.switch()).toThrow(SomeError);
    expect([seen, g1.dead, g2.dead]).toEqual([[SomeError], true, true]);
    expect([g2.switch(), g2.switch(25)]).toEqual([undefined, 25]);
    expect(seen).toEqual([SomeError]);
  });

  // 11 TestGreenlet.test_send_exception
  test("of a child comes up where its parent is suspended, then in that one's parent", () => {
    const seen: unknown[] = [];
    const g = greenlet(fmain);
    g.switch(seen);
    const helper = greenlet((error: Error) => {
      throw error;
    }, g);
    const sent = new RangeError("sent");
    expect(thrownBy(() => helper.switch(sent))).toBe(sent);
    expect(seen).toEqual([RangeError]);
  });
});

describe("throw()", () => {
  const patient = () => {
    try {
      toParent("ok");
    } catch (error) {
      if (error instanceof Error && error.message === "ciao") return toParent("ok");
    }
    return toParent("fail");
  };

  // 74 ThrowTests.test_val
  test("throws the very error where the greenlet is suspended", () => {
    const g = greenlet(patient);
    expect([g.switch(), g.throw(new RangeError("ciao"))]).toEqual(["ok", "ok"]);
    end(g);
  });

  // ThrowTests.test_class
  test("makes an error of a class of them", () => {
    class Ciao extends Error {
      constructor() {
        super("ciao");
      }
    }
    const g = greenlet(patient);
    expect([g.switch(), g.throw(Ciao)]).toEqual(["ok", "ok"]);
    end(g);
  });

  // 75 ThrowTests.test_kill
  test("without an error ends the greenlet, which gives the exit", () => {
    const g = greenlet(() => {
      toParent("ok");
      toParent("fail");
    });
    expect(g.switch()).toBe("ok");
    expect(g.throw()).toBeInstanceOf(GreenletExit);
    expect(g.dead).toBe(true);
    expect(g.throw()).toBeInstanceOf(GreenletExit);
  });

  test("of an exit kills one that has not started, and gives the very exit", () => {
    const exit = new GreenletExit("x");
    const g = greenlet(() => expect("this").toBe("not run"));
    expect(g.throw(exit)).toBe(exit);
    expect([g.dead, g.started]).toEqual([true, true]);
  });

  // 76 ThrowTests.test_throw_goes_to_original_parent
  test("into one that has not started goes to its parent, whatever that has done yet", () => {
    const f1 = () => {
      try {
        main.switch("ready to catch");
      } catch (error) {
        if (error instanceof RangeError) return "caught";
      }
      return "normal exit";
    };
    const f2 = () => main.switch("from f2");
    const pair = () => {
      const g1 = greenlet(f1);
      return [g1, greenlet(f2, g1)] as const;
    };

    const [parent, child] = pair();
    expect(() => child.throw(RangeError)).toThrow(RangeError);
    expect([parent.dead, child.dead]).toEqual([true, true]);

    for (const startChild of [false, true]) {
      const [g1, g2] = pair();
      expect(g1.switch()).toBe("ready to catch");
      if (startChild) expect(g2.switch()).toBe("from f2");
      expect(g2.throw(RangeError)).toBe("caught");
      expect([g1.dead, g2.dead]).toEqual([true, true]);
    }
  });

  // 79 ThrowTests.test_not_throwable
  test("takes errors only", () => {
    let ran = false;
    const g = greenlet(() => {
      ran = true;
    });
    for (const one of [main, g])
      for (const wrong of ["abc", 1, null, {}, () => new Error(), Map]) {
        const error = thrownBy(() => one.throw(wrong));
        expect(error).toMatchObject({ name: "TypeError", code: "ERR_INVALID_ARG_TYPE" });
      }
    expect([ran, g.started]).toEqual([false, false]);
  });

  // 142 CAPITests.test_throw
  test("delivers text and all, and the greenlet ends as it likes", () => {
    const seen: string[] = [];
    const g = greenlet(() => {
      try {
        toParent();
      } catch (error) {
        seen.push((error as Error).message);
      }
    });
    g.switch();
    expect(g.throw(new RangeError("take that!"))).toBeUndefined();
    expect([seen, g.dead]).toEqual([["take that!"], true]);
  });
});

describe("the classes", () => {
  // 140 CAPITests.test_raise_greenlet_dead
  test("GreenletExit can be thrown by anybody, and is no error of this package's", () => {
    const exit = new GreenletExit();
    expect(exit).toBeInstanceOf(Error);
    expect(exit).not.toBeInstanceOf(CordageError);
    expect(exit.name).toBe("GreenletExit");
    const g = greenlet(() => {
      throw exit;
    });
    expect(g.switch()).toBe(exit);
  });

  // 141 CAPITests.test_raise_greenlet_error
  test("GreenletError can be thrown by anybody, and is one", () => {
    const error = new GreenletError("ERR_NO_RUN", "none");
    expect(error).toBeInstanceOf(CordageError);
    const g = greenlet(() => {
      throw error;
    });
    expect(thrownBy(() => g.switch())).toBe(error);
  });
});

// 129 CPPTests.test_exception_switch
test("greenlets that are suspended in a catch block have each its own error there", () => {
  const catches = (n: number) => {
    try {
      throw n;
    } catch (caught) {
      toParent();
      return caught;
    }
  };
  const greenlets = [0, 1, 2, 3].map((n) => {
    const g = greenlet(catches);
    g.switch(n);
    return g;
  });
  expect(greenlets.map((g) => g.switch())).toEqual([0, 1, 2, 3]);
});
