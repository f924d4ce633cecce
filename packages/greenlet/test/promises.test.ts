/** Promises, generators and the event loop, around greenlets and in them. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type Greenlet, getCurrent, greenlet } from "@cordage/greenlet";
import { endLeftOver, failureOf, run, thrownBy } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { end, SomeError, toParent } from "./support/greenlets.js";
import { waitFor } from "./support/hub.js";

const main = getCurrent();
const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url);
afterAll(endLeftOver);

describe("an async function on a greenlet", () => {
  test("runs there up to its first await, and on the main greenlet from then on", async () => {
    const where: Greenlet[] = [];
    const g = greenlet(async () => {
      where.push(getCurrent());
      await undefined;
      where.push(getCurrent());
      return "done";
    });
    const promise = g.switch();
    expect([g.dead, promise]).toEqual([true, expect.any(Promise)]);
    expect(await promise).toBe("done");
    expect(where).toEqual([g, main]);
  });

  test("is suspended with the greenlet before its first await, not by it", async () => {
    const log: string[] = [];
    const work = async () => {
      log.push(String(toParent("suspended")));
      await undefined;
      log.push("awaited");
      return "result";
    };
    const g = greenlet(() => work());
    expect(g.switch()).toBe("suspended");
    const promise = g.switch("goes on");
    expect([g.dead, log]).toEqual([true, ["goes on"]]);
    expect(await promise).toBe("result");
    expect(log).toEqual(["goes on", "awaited"]);
  });

  test("that throws rejects its promise, and the greenlet has ended well", async () => {
    const g = greenlet(async () => {
      throw new SomeError("rejected");
    });
    await expect(g.switch()).rejects.toThrow("rejected");
    expect(g.dead).toBe(true);
  });
});

describe("a greenlet that waits by going to the main one", () => {
  test("is gone on with by what comes first of many promises", async () => {
    const order: string[] = [];
    const come = new Map<string, (name: string) => void>();
    const ended = ["first", "second", "third"].map((name) => {
      const promise = new Promise<string>((resolve) => come.set(name, resolve));
      const g = greenlet(() => void order.push(waitFor(promise) as string));
      g.switch();
      return g;
    });
    for (const name of ["second", "third", "first"]) {
      come.get(name)!(name);
      await new Promise(setImmediate);
    }
    expect(ended.map((g) => g.dead)).toEqual([true, true, true]);
    expect(order).toEqual(["second", "third", "first"]);
  });

  test("has what a promise is rejected with thrown", async () => {
    const done = new Promise((resolve) => {
      greenlet(() => {
        try {
          waitFor(readFile(new URL("fixtures/none", import.meta.url)));
        } catch (error) {
          resolve((error as NodeJS.ErrnoException).code);
        }
      }).switch();
    });
    expect(await done).toBe("ENOENT");
  });

  test("waits in the middle of what cannot wait: a sort, a replacer, a getter", async () => {
    const results = new Promise((resolve) => {
      greenlet(() => {
        const sorted = [3, 1, 2].sort((a, b) => waitFor(Promise.resolve(a - b)));
        const replaced = "a-b".replace(/\w/g, (letter) => waitFor(Promise.resolve(letter.toUpperCase())));
        const text = JSON.stringify({ toJSON: () => waitFor(sleep(1, "late")) });
        resolve([sorted, replaced, text]);
      }).switch();
    });
    expect(await results).toEqual([[1, 2, 3], "A-B", '"late"']);
  });
});

describe("the event loop", () => {
  test("has its turn on the main greenlet only: microtasks wait until that is done", async () => {
    const log: string[] = [];
    const g = greenlet(() => {
      queueMicrotask(() => log.push("microtask"));
      process.nextTick(() => log.push("tick"));
      Promise.resolve().then(() => log.push("then"));
      log.push("greenlet");
      toParent();
      log.push("greenlet again");
    });
    g.switch();
    log.push("main");
    g.switch();
    log.push("main again");
    expect(log).toEqual(["greenlet", "main", "greenlet again", "main again"]);
    await sleep(0);
    expect(log.slice(4).sort()).toEqual(["microtask", "then", "tick"]);
  });

  const callers: Record<string, (callback: () => void) => void> = {
    "a microtask": queueMicrotask,
    "a reaction of a promise": (callback) => void Promise.resolve().then(callback),
    "the next tick": process.nextTick,
    "a timer": (callback) => void setTimeout(callback, 1),
    "an immediate": (callback) => void setImmediate(callback),
    // biome-ignore lint/suspicious/noThenProperty: that is the point
    "a thenable": (callback) => void Promise.resolve({ then: callback }),
    "a callback of the system's": (callback) => void readFile(fixture("reference.py")).finally(callback),
  };
  test.each(Object.entries(callers))("goes on with a greenlet in %s, and on from there", async (_, call) => {
    const log: unknown[] = [];
    const g = greenlet(() => {
      log.push(getCurrent() === g, toParent("suspended"));
      return "ended";
    });
    const twice = () => [g.switch(), g.switch("second")];
    const given = await new Promise((resolve) => call(() => resolve(twice())));
    expect([given, log, getCurrent()]).toEqual([["suspended", "ended"], [true, "second"], main]);
  });

  test("is kept by a timer, not by a suspended greenlet", async () => {
    const { code, stdout } = await run(fileURLToPath(fixture("suspended-at-the-end.mjs")));
    expect([code, stdout]).toEqual([0, "suspended\n"]);
  });
});

describe("a promise", () => {
  test("may be made by a function that is suspended meanwhile", async () => {
    let promise: Promise<unknown> | undefined;
    const g = greenlet(() => {
      promise = new Promise((resolve) => resolve(toParent()));
    });
    g.switch();
    expect(promise).toBeUndefined();
    g.switch("late");
    expect(await promise).toBe("late");
  });

  test("that nobody handles is reported as ever, whoever has rejected it", async () => {
    const { code, stderr } = await run(fileURLToPath(fixture("rejected-on-a-greenlet.mjs")));
    expect(code).toBe(1);
    expect(stderr).toContain("Error: rejected on a greenlet");
  });
});

describe("a generator", () => {
  function* counts(): Generator<unknown> {
    for (let i = 0; ; i++) yield toParent(i) ?? i;
  }

  test("may be suspended in the middle of a step", () => {
    const iterator = counts();
    const g = greenlet(() => [iterator.next().value, iterator.next().value]);
    expect([g.switch(), g.switch("first"), g.switch("second")]).toEqual([0, 1, ["first", "second"]]);
  });

  test("that is suspended so is running, for anybody else", () => {
    const iterator = counts();
    const g = greenlet(() => iterator.next().value);
    g.switch();
    expect(() => iterator.next()).toThrow("already running");
    expect(g.switch("given")).toBe("given");
  });

  test("goes on wherever its next step is asked for", () => {
    const where: Greenlet[] = [];
    const iterator = (function* () {
      for (;;) yield where.push(getCurrent());
    })();
    const g = greenlet(() => iterator.next());
    iterator.next();
    g.switch();
    iterator.next();
    expect(where).toEqual([main, g, main]);
  });

  test("that is async may be iterated over around switches, and switch itself", async () => {
    const g = greenlet((first: unknown) => {
      for (let next = first; next !== "end"; ) next = toParent(`seen ${next}`);
      return "over";
    });
    async function* letters() {
      for (const letter of ["a", "b"]) {
        await sleep(1);
        yield g.switch(letter);
      }
      yield g.switch("end");
    }
    const seen: unknown[] = [];
    for await (const one of letters()) seen.push(one);
    expect([seen, g.dead]).toEqual([["seen a", "seen b", "over"], true]);
  });
});

describe("a stack trace", () => {
  function inner(): string {
    return new Error("here").stack!;
  }

  test("shows the calls of the greenlet that it is from, and nobody else's", () => {
    function body(): string {
      return inner();
    }
    function outside(): unknown {
      return greenlet(body).switch();
    }
    const stack = outside() as string;
    expect(stack).toMatch(/at inner .*\n.*at body /);
    expect(stack).not.toContain("at outside");
  });

  test("stays that of where the error was made, wherever it is caught", () => {
    const failing = () => {
      toParent();
      throw new SomeError("made on a greenlet");
    };
    const g = greenlet(failing);
    g.switch();
    expect(thrownBy(() => g.switch()).stack).toContain("at failing ");
  });

  test("is whole after the greenlet has been suspended in the middle", () => {
    function suspendedThere(): string {
      toParent();
      return inner();
    }
    const g = greenlet(suspendedThere);
    g.switch();
    const helper = greenlet(() => g.switch());
    g.parent = helper;
    expect(helper.switch()).toMatch(/at inner .*\n.*at suspendedThere /);
  });
});

describe("a stack trace that is asked for in another way", () => {
  function captured(): NodeJS.CallSite[] {
    const before = Error.prepareStackTrace;
    Error.prepareStackTrace = (_, sites) => sites;
    try {
      const holder = {} as { stack: NodeJS.CallSite[] };
      Error.captureStackTrace(holder, captured);
      return holder.stack;
    } finally {
      Error.prepareStackTrace = before;
    }
  }

  test("has call sites of the greenlet that runs, from the given function on", () => {
    function body(): (string | null)[] {
      toParent();
      const calls = captured().filter((site) => !site.isAsync()); // others wait for what runs now, as the test does
      return calls.map((site) => site.getFunctionName());
    }
    const g = greenlet(body);
    g.switch();
    expect(g.switch()).toEqual(["body", "runInAsyncScope", "run", "body"]); // the last ones begin every greenlet
  });

  test("has the async functions that wait, where a greenlet has called them and been suspended", async () => {
    async function fails(): Promise<void> {
      toParent();
      await sleep(0);
      throw new SomeError("late");
    }
    async function waits(): Promise<void> {
      await fails();
    }
    const g = greenlet(waits);
    g.switch();
    const promise = g.switch() as Promise<void>;
    expect((await failureOf(promise)).stack).toMatch(/at fails .*\n.*at (async )?waits /s);
  });
});

describe("a thread", () => {
  test("has greenlets of its own, with a main one of its own", async () => {
    const worker = new Worker(fixture("worker.mjs"), { env: { ...process.env } });
    const exit = once(worker, "exit");
    const [report] = await once(worker, "message");
    expect(report).toEqual({ main: "<Greenlet current active started main>", log: [0, 1, 2, 3, 4] });
    const [code] = await exit;
    expect(code).toBe(0);
  });

  test("can be waited for by a greenlet, which goes on in its own", async () => {
    const done = new Promise((resolve) => {
      const g: Greenlet = greenlet(() => {
        const worker = new Worker(fixture("worker.mjs"), { env: { ...process.env } });
        const [message, exit] = [once(worker, "message"), once(worker, "exit")];
        const [{ log }] = waitFor(message);
        const [code] = waitFor(exit);
        resolve([log.length, code, getCurrent() === g]);
      });
      g.switch();
    });
    expect(await done).toEqual([5, 0, true]);
  });

  test("cannot be sent a greenlet", async () => {
    const { port1, port2 } = new MessageChannel();
    const g = greenlet(() => toParent());
    g.switch();
    const [major] = process.versions.node.split(".").map(Number) as [number];
    // Node 20 cannot refuse it: what arrives is an empty object.
    if (major > 20) expect(() => port1.postMessage(g)).toThrow("Cannot clone object of unsupported type");
    for (const port of [port1, port2]) port.close();
    end(g);
  });
});
