/** Every way to be refused, and what newcomers get wrong. */
import { Greenlet, GreenletError, GreenletExit, getCurrent, getTrace, greenlet, setTrace } from "@cordage/greenlet";
import { CordageError } from "@cordage/ipc";
import { encode } from "@cordage/ipc/sys";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { end, toParent } from "./support/greenlets.js";

const main = getCurrent();
const anyone = (value: unknown) => value as any;

function ended(): Greenlet {
  const g = greenlet(() => 1);
  g.switch();
  return g;
}

function parentOf(one: Greenlet, parent: unknown): () => void {
  return () => {
    one.parent = anyone(parent);
  };
}

function runOf(one: Greenlet, run: unknown): () => void {
  return () => {
    one.run = anyone(run);
  };
}

const child = greenlet();

const typeErrors: Array<[string, () => unknown, string]> = [
  ["a run that is none", () => greenlet(anyone(3)), "cannot make a greenlet: run must be a function, received 3"],
  [
    "the result of a function instead of the function",
    () => new Greenlet(anyone((() => "done")())),
    "cannot make a greenlet: run must be a function, received 'done'",
  ],
  [
    "a parent that is no greenlet",
    () => greenlet(() => 1, anyone({ switch() {} })),
    "cannot make a greenlet: the parent must be a greenlet, received { switch: [Function: switch] }",
  ],
  [
    "a parent that is set to none",
    parentOf(child, undefined),
    "cannot set the parent of a greenlet: it must be a greenlet, received undefined",
  ],
  [
    "the main one's parent that is no greenlet",
    parentOf(main, 1),
    "cannot set the parent of a greenlet: it must be a greenlet, received 1",
  ],
  [
    "a run that is set to none",
    runOf(child, "run"),
    "cannot set what the greenlet runs: run must be a function, received 'run'",
  ],
  [
    "a text that is thrown",
    () => child.throw("stop"),
    "cannot throw into the greenlet: expected an error or a class of errors, received 'stop'",
  ],
  ["a tracer that is none", () => setTrace(anyone(5)), "cannot trace greenlets: expected a function, received 5"],
];

const rangeErrors: Array<[string, () => unknown, string]> = [
  [
    "a parent for the main one",
    parentOf(main, child),
    "cannot set the parent of a greenlet: the main greenlet has none, received <Greenlet pending>",
  ],
  [
    "a child for a parent",
    parentOf(
      child,
      greenlet(() => 1, child),
    ),
    "cannot set the parent of a greenlet: a greenlet cannot be its own ancestor, received <Greenlet pending>",
  ],
];

const greenletErrors: Array<[string, () => unknown, string, string]> = [
  [
    "a start without a run",
    () => greenlet().switch(),
    "ERR_NO_RUN",
    "cannot start the greenlet: it has no run function",
  ],
  [
    "an error for one without a run",
    () => greenlet().throw(),
    "ERR_NO_RUN",
    "cannot start the greenlet: it has no run function",
  ],
  [
    "a run for one that has ended",
    runOf(ended(), Math.max),
    "ERR_ALREADY_STARTED",
    "cannot set what the greenlet runs: it has started, received [Function: max]",
  ],
  [
    "a run for the main one",
    runOf(main, undefined),
    "ERR_ALREADY_STARTED",
    "cannot set what the greenlet runs: it has started, received undefined",
  ],
];

describe("refused with a code and a reason:", () => {
  test.each(typeErrors)("%s", (_, call, message) => {
    const error = thrownBy(call);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: "ERR_INVALID_ARG_TYPE", message });
  });

  test.each(rangeErrors)("%s", (_, call, message) => {
    const error = thrownBy(call);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ code: "ERR_OUT_OF_RANGE", message });
  });

  test.each(greenletErrors)("%s", (_, call, code, message) => {
    const error = thrownBy(call);
    expect(error).toBeInstanceOf(GreenletError);
    expect(error).toBeInstanceOf(CordageError);
    expect(error).toMatchObject({ name: "GreenletError", code, message });
  });

  test("nothing has changed by that", () => {
    expect([child.parent, child.started, child.run, getTrace()]).toEqual([main, false, undefined, undefined]);
    child.run = () => "runs";
    expect(child.switch()).toBe("runs");
  });
});

describe("a newcomer", () => {
  test("who extends the function instead of the class is told so by JavaScript", () => {
    expect(() => class extends anyone(greenlet) {}).toThrow(TypeError);
    expect(() => new (anyone(greenlet))(() => 1)).toThrow("not a constructor");
  });

  test("who takes a method away from its greenlet gets a TypeError", () => {
    const { switch: go } = greenlet(() => 1);
    expect(() => go()).toThrow(TypeError);
    expect(() => Greenlet.prototype.switch.call(anyone({}))).toThrow(TypeError);
  });

  test("who expects the end to come back to the last one that switched there gets it in the parent", () => {
    const log: string[] = [];
    const first: Greenlet = greenlet(() => {
      second.switch();
      log.push("never: the second one's parent is main");
    });
    const second = greenlet(() => "second");
    expect([first.switch(), log]).toEqual(["second", []]);
    end(first);
  });

  test("who looks for the greenlet after an await finds the main one, which has no parent", async () => {
    const promise = greenlet(async () => {
      await undefined;
      return toParent();
    }).switch();
    await expect(promise).rejects.toThrow(TypeError);
  });

  test("who catches every error catches the exit, and the greenlet lives on", () => {
    const g = greenlet(() => {
      try {
        toParent();
      } catch {
        toParent("still here");
      }
    });
    g.switch();
    expect([g.throw(), g.dead]).toEqual(["still here", false]);
    expect(g.throw()).toBeInstanceOf(GreenletExit);
    expect(g.dead).toBe(true);
  });

  test("who returns the exit instead of throwing it has it as a result", () => {
    const exit = new GreenletExit("over");
    expect(greenlet(() => exit).switch()).toBe(exit);
  });

  test("who switches to one that has ended is told nothing, and can ask before", () => {
    const g = ended();
    expect([g.dead, g.switch("what was sent")]).toEqual([true, "what was sent"]);
  });

  test("who recurses without an end has a RangeError, in the parent, too", () => {
    const recurse = (): number => 1 + recurse();
    const g = greenlet(recurse);
    expect(() => g.switch()).toThrow(RangeError);
    expect(g.dead).toBe(true);
  });

  test("who sends a greenlet to another process is told what cannot travel", () => {
    const error = thrownBy(() => encode({ job: greenlet(() => 1) }));
    expect(error).toMatchObject({ code: "ERR_NOT_SERIALIZABLE" });
    expect(error.message).toContain("cannot encode $.job: a Greenlet cannot travel");
  });
});

describe("anything can be thrown by the greenlet itself", () => {
  test.each([["a text"], [undefined], [null], [0], [Symbol.for("thrown")]])("%p", (thrown) => {
    const g = greenlet(() => {
      throw thrown;
    });
    let caught: unknown = "nothing";
    try {
      g.switch();
    } catch (error) {
      caught = error;
    }
    expect([caught, g.dead]).toEqual([thrown, true]);
  });
});

test("an error of another realm can be thrown in", async () => {
  const { runInNewContext } = await import("node:vm");
  const foreign = runInNewContext("new Error('from elsewhere')") as Error;
  expect(foreign).not.toBeInstanceOf(Error);
  expect(thrownBy(() => greenlet(() => 1).throw(foreign))).toBe(foreign);
});

test("errors keep their cause and name, and show both", () => {
  const cause = new Error("first");
  const exit = new GreenletExit(undefined, { cause });
  expect([exit.name, exit.message, exit.cause]).toEqual(["GreenletExit", "the greenlet is to end", cause]);
  expect(String(new GreenletError("ERR_NO_RUN", "none"))).toBe("GreenletError: none");
  expect(Object.keys(exit)).toEqual([]);
});
