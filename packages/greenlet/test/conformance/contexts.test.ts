/** Each greenlet has an asynchronous context of its own: AsyncLocalStorage is what ContextVar is in Python. */
import { AsyncLocalStorage } from "node:async_hooks";
import { type Greenlet, greenlet } from "@cordage/greenlet";
import { describe, expect, test } from "@jest/globals";
import { toParent } from "../support/greenlets.js";

const id = new AsyncLocalStorage<number>();
const shared = new AsyncLocalStorage<{ id: number }>();

type Counts = Record<number, number>;

/** Counts, twice, for whom it holds itself, and lets the others do so in between. */
function counting(look: () => number, counts: Counts): void {
  for (let i = 0; i < 2; i++) {
    counts[look()]!++;
    toParent();
  }
}

/** Makes four of them, and has them take turns with the main greenlet, and end in the order that `ending` makes of theirs. */
function takeTurns(
  look: () => number,
  make: (n: number, counts: Counts) => Greenlet,
  ending: (all: Greenlet[]) => Greenlet[],
): Counts {
  const counts: Counts = { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 };
  const all = [1, 2, 3, 4].map((n) => make(n, counts));
  for (let i = 0; i < 2; i++) {
    counts[look()]!++;
    for (const one of all) one.switch();
  }
  for (const one of ending(all)) one.switch();
  expect(all.every((one) => one.dead)).toBe(true);
  return counts;
}

const idOf = () => id.getStore()!;
const eachTwice = { 0: 2, 1: 2, 2: 2, 3: 2, 4: 2 };
const orders: Record<string, (all: Greenlet[]) => Greenlet[]> = {
  "the last first": (all) => all.toReversed(),
  "the first first": (all) => all,
};

describe("a greenlet's context", () => {
  // 107 ContextVarsTests.test_context_propagated_by_context_run, 112 ContextVarsTests.test_not_broken_if_using_attribute_instead_of_context_run
  test.each(Object.entries(orders))(
    "is that of its maker, and what it runs in another one stays its own; they end %s",
    (_, ending) => {
      id.run(0, () => {
        const make = (n: number, counts: Counts) =>
          greenlet(() => {
            expect(idOf()).toBe(0);
            id.run(n, () => counting(idOf, counts));
            expect(idOf()).toBe(0);
          });
        expect(takeTurns(idOf, make, ending)).toEqual(eachTwice);
        expect(idOf()).toBe(0);
      });
    },
  );

  // ContextVarsTests.test_context_propagated_by_setting_attribute
  test.each(Object.entries(orders))("is its own when it is entered for good; they end %s", (_, ending) => {
    id.run(0, () => {
      const make = (n: number, counts: Counts) =>
        greenlet(() => {
          expect(idOf()).toBe(0);
          id.enterWith(n);
          counting(idOf, counts);
        });
      expect(takeTurns(idOf, make, ending)).toEqual(eachTwice);
      expect(idOf()).toBe(0);
    });
  });

  // 109 ContextVarsTests.test_context_not_propagated
  test("is empty where it is made outside of its maker's", () => {
    id.run(0, () => {
      const make = (n: number, counts: Counts) =>
        id.exit(() =>
          greenlet(() => {
            expect(id.getStore()).toBeUndefined();
            id.enterWith(n);
            counting(idOf, counts);
          }),
        );
      expect(takeTurns(idOf, make, (all) => all)).toEqual(eachTwice);
    });
  });

  // 110 ContextVarsTests.test_context_shared
  test("shows changes of an object that several have in theirs", () => {
    const look = () => shared.getStore()!.id;
    shared.run({ id: 0 }, () => {
      const make = (n: number, counts: Counts) =>
        greenlet(() => {
          expect(look()).toBe(n - 1);
          shared.getStore()!.id = n;
          counting(look, counts);
        });
      expect(takeTurns(look, make, (all) => all)).toEqual({ 0: 1, 1: 1, 2: 1, 3: 1, 4: 6 });
    });
  });
});
