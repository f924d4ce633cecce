import { endLeftOver, programsIn } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

const { reports } = programsIn(new URL("fixtures/", import.meta.url));
const seen = (scenario: string, ...flags: string[]) => reports("async-contexts.mjs", scenario, { flags });
afterAll(endLeftOver);

const ALL_SCOPES = { ended: 20, bad: [] };

test("a greenlet has the AsyncLocalStorage context of whoever made it, and keeps its own while it is parked", async () => {
  expect(await seen("storage")).toEqual([
    ["creator", "main: switcher", "inner", "creator", "main: switcher", "entered", "main: switcher", "main: undefined"],
  ]);
});

test("contexts go with greenlets through timers, promises and callbacks", async () => {
  expect(await seen("awaits")).toEqual([{ ended: 50, bad: [], store: null }]);
});

test("a greenlet that parks inside of callbacks has their ids and resources when it goes on", async () => {
  expect(await seen("scopes")).toEqual([ALL_SCOPES]);
});

test("hooks are told of greenlets, before and after them, and what is parked disturbs nobody", async () => {
  expect(await seen("hooks")).toEqual([true, [1, true, true, 0], ALL_SCOPES]);
});

test("a greenlet has its own domain", async () => {
  expect(await seen("domains")).toEqual([
    [
      "main: none",
      "in a: a",
      "in b: b",
      "main: none",
      "created in b: b",
      "main: none",
      "a: timer of a",
      "b: timer of b",
    ],
  ]);
});

test("a greenlet that ends within a domain leaves it", async () => {
  expect(await seen("endsInDomain")).toEqual([["none", "none", "none", "none"]]);
});

test("what Node has trigger things, while it calls back, is each greenlet's own", async () => {
  expect(await seen("defaultTriggers")).toEqual([[true, true, true, true, true]]);
});

test("errors that nobody catches on greenlets in callbacks leave the stack of callbacks whole", async () => {
  expect(await seen("uncaught")).toEqual([["in a callback of fs", "in a timer", "in an immediate"], ALL_SCOPES]);
});
