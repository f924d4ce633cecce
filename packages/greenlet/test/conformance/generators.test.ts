/** Generators made of greenlets: they yield from the middle of ordinary calls. */
import { describe, expect, test } from "@jest/globals";
import { genlet, Yield } from "../support/genlet.js";

/** Each value, once from the body and once from the loop. */
type Body = (n: number, seen: number[]) => Iterable<unknown>;

function* native(n: number, seen: number[]): Generator<number> {
  for (let i = 0; i < n; i++) {
    seen.push(i + 1);
    yield i;
  }
}

function simple(yieldIt: (value: unknown) => void): Body {
  return genlet((n: number, seen: number[]) => {
    for (let i = 0; i < n; i++) {
      seen.push(i + 1);
      yieldIt(i);
    }
  });
}

describe("a generator that is a greenlet", () => {
  // 101 GeneratorTests.test_generator
  test("takes turns with the loop over it", () => {
    const seen: unknown[] = [];
    const g = genlet((n: number) => {
      for (let i = 0; i < n; i++) {
        seen.push(i);
        Yield(i);
      }
    });
    for (let round = 0; round < 3; round++) for (const value of g(5)) seen.push(value);
    const once = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4];
    expect(seen).toEqual([...once, ...once, ...once]);
  });

  // 102 NestedGeneratorTests.test_layered_genlets
  test("yields to the loop around the loop", () => {
    const inner = genlet((n: number) => {
      for (let i = 1; i < n; i++) {
        Yield(i);
        Yield(i * i, 2);
      }
    });
    const outer = genlet((n: number, seen: unknown[]) => {
      for (const value of inner(n)) seen.push(value);
    });
    const seen: unknown[] = [];
    for (const value of outer(5, seen)) seen.push(value);
    expect(seen).toEqual([1, 1, 2, 4, 3, 9, 4, 16]);
  });

  // NestedGeneratorTests.test_permutations
  test("calls itself, and runs in step with another one of its kind", () => {
    const perms = genlet((list: number[]) => {
      if (list.length <= 1) Yield(list);
      else
        for (const one of list)
          for (const rest of perms(list.filter((other) => other !== one))) Yield([one, ...(rest as number[])]);
    });
    const all = [...perms([0, 1, 2, 3])];
    expect(all.length).toBe(24);
    expect([all[0], all.at(-1)]).toEqual([
      [0, 1, 2, 3],
      [3, 2, 1, 0],
    ]);
    const [four, three] = [perms([0, 1, 2, 3]), perms([0, 1, 2])];
    const pairs = [...three].map((one) => [four.next().value, one]);
    expect(pairs[5]).toEqual([
      [0, 3, 2, 1],
      [2, 1, 0],
    ]);
    four.throw();
  });

  // 104 NestedGeneratorTests.test_genlet_simple
  test("does as one of the language, and yields from an ordinary function that it calls, too", () => {
    const nested = (value: unknown) => Yield(value);
    for (const g of [native, simple(Yield), simple(nested)]) {
      const seen: unknown[] = [];
      for (let round = 0; round < 3; round++) for (const value of g(5, seen as number[])) seen.push(value);
      const once = [1, 0, 2, 1, 3, 2, 4, 3, 5, 4];
      expect(seen).toEqual([...once, ...once, ...once]);
    }
  });

  // 105 NestedGeneratorTests.test_genlet_bad
  test("is what a yield needs around it", () => {
    expect(() => Yield(10)).toThrow("yield outside of a genlet");
  });

  // 106 NestedGeneratorTests.test_nested_genlets
  test("iterates over itself, five deep", () => {
    const count = genlet((n: number) => {
      if (n === 0) return;
      for (const value of count(n - 1)) Yield(value);
      Yield(n);
    });
    expect([...count(5)]).toEqual([1, 2, 3, 4, 5]);
  });
});
