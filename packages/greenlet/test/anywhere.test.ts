/** Wherever code of the program's is called, a greenlet may be suspended. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { runInNewContext, Script } from "node:vm";
import { Greenlet, getCurrent, greenlet } from "@cordage/greenlet";
import { expect, test } from "@jest/globals";
import { toParent } from "./support/greenlets.js";

/** Suspends the greenlet, and gives what it is gone on with. */
const ask = (question: unknown = "?") => toParent(question) as any;
const require = createRequire(import.meta.url);
const module = fileURLToPath(new URL("fixtures/suspends-while-it-is-required.cjs", import.meta.url));

class Base {
  readonly asked = ask();
}

const places: Record<string, () => unknown> = {
  "a constructor and a field": () => new (class extends Base {})().asked,
  "a getter": () => Object.defineProperty({} as { value: unknown }, "value", { get: () => ask() }).value,
  "a conversion": () => `${{ toString: () => ask() }}`,
  "a trap of a Proxy": () => new Proxy({} as Record<string, unknown>, { get: () => ask() }).anything,
  "a tagged template": () => ((_: TemplateStringsArray, value: unknown) => [value, ask()][1])`a${1}b`,
  "a default value": () => ((value = ask()) => value)(),
  "a finally block": () => {
    let given: unknown;
    try {
      given = "not yet";
    } finally {
      given = ask();
    }
    return given;
  },
  "a step of a destructuring": () => {
    const [first] = {
      *[Symbol.iterator]() {
        yield ask();
      },
    };
    return first;
  },
  "a comparison of sort": () => [2, 1].sort(() => (ask() === "answer" ? 1 : -1)) && "answer",
  "a visit of forEach, of a Map and a Set": () => {
    const seen: unknown[] = [];
    new Map([[1, 1]]).forEach(() => void seen.push(ask()));
    new Set([1]).forEach(() => void seen.push(ask()));
    return seen[0] === seen[1] ? seen[0] : seen;
  },
  "the text of an array's element": () => [{ toString: () => ask() }].join(),
  "a toJSON": () => JSON.parse(JSON.stringify({ toJSON: () => ask() })),
  "a reviver of JSON": () => JSON.parse("1", () => ask()),
  "a replacer of a text": () => "x".replace(/x/, () => ask()),
  eval: () => runInNewContext("ask()", { ask }),
  "a script": () => new Script("ask()").runInNewContext({ ask }),
  "a bound, applied and reflected function": () => Reflect.apply(ask.bind(undefined), undefined, []),
  "a getter of a prototype, by super": () => {
    class Derived extends Greenlet {
      override get dead(): boolean {
        return super.dead || ask();
      }
    }
    return new Derived().dead;
  },
  "a module that is required": () => {
    (globalThis as any).ask = ask;
    delete require.cache[module];
    return require(module);
  },
  "a getter of an error that is being made": () => {
    const before = Error.prepareStackTrace;
    Error.prepareStackTrace = () => ask();
    try {
      return new Error("traced").stack;
    } finally {
      Error.prepareStackTrace = before;
    }
  },
};

test.each(Object.entries(places))("a greenlet is suspended in %s", (_, place) => {
  const other = greenlet(() => "the other one");
  const g: Greenlet = greenlet(place);
  for (let given = g.switch(); !g.dead; given = g.switch("answer")) {
    expect(given).toBe("?");
    if (!other.dead) expect(other.switch()).toBe("the other one");
  }
  const again = greenlet(place);
  let given = again.switch();
  while (!again.dead) given = again.switch("answer");
  expect([given, getCurrent().parent]).toEqual(["answer", undefined]);
});

/** Two at a time: as V8 sees it, calls within calls. */
test.each([
  ["texts of arrays' elements", () => [{ toString: () => ask("array") }, [1, 2]].join()],
  ["a toJSON", () => JSON.stringify({ toJSON: () => ask("JSON") })],
])("several are suspended in %s, and go on in the opposite order", (_, place) => {
  const all = [1, 2, 3].map(() => greenlet(place));
  for (const one of all) one.switch();
  const texts = all.toReversed().map((one, i) => one.switch(i));
  expect(texts).toEqual([0, 1, 2].map((i) => expect.stringContaining(String(i))));
  expect([[1, [2, [3]]].join(), JSON.stringify([[]])]).toEqual(["1,2,3", "[[]]"]);
});
