// Switches from within V8's own code: what calls back from C++ or from built-ins is suspended with its frames.
import assert from "node:assert/strict";
import { Greenlet, getCurrent } from "@cordage/greenlet";

/** Somebody else goes on meanwhile. */
function away(value) {
  getCurrent().parent.switch();
  return value;
}

/** Each calls `away` in the middle, and gives what it should have. */
const calls = [
  () => [3, 1, 2].sort((a, b) => away(a - b)).join() === "1,2,3",
  () => "a-b-c".replace(/[a-c]/g, (c) => away(c.toUpperCase())) === "A-B-C",
  () => JSON.stringify([1, { toJSON: () => away(2) }]) === "[1,2]",
  () => JSON.parse("[1,[2]]", (_, value) => away(value)).length === 2,
  () => `${{ toString: () => away("text") }}` === "text",
  () => Number({ valueOf: () => away(7) }) === 7,
  () => [1, 2, 3].map((x) => away(x * 2)).reduce((sum, x) => away(sum + x), 0) === 12,
  () => Array.from({ length: 3 }, (_, i) => away(i)).length === 3,
  () => new Proxy({}, { get: () => away(5) }).anything === 5,
  () =>
    Reflect.construct(
      class {
        constructor() {
          away();
          this.made = true;
        }
      },
      [],
    ).made,
  () => Object.defineProperty({}, "x", { get: () => away(9) }).x === 9,
  () => [...new Map([[1, 2]]).entries()].every(([k, v]) => away(k + v === 3)),
  () =>
    [
      ...(function* () {
        away();
        yield 1;
        away();
        yield 2;
      })(),
    ].length === 2,
  () => Function("away", "away(); return 4")(away) === 4,
  () => {
    const copy = structuredClone(Object.defineProperty({}, "x", { enumerable: true, get: () => away(6) }));
    return copy.x === 6;
  },
  () => {
    try {
      throw away(new Error("e"));
    } catch (e) {
      away();
      return e.message === "e";
    } finally {
      away();
    }
  },
  () => new Uint8Array([1, 2, 3]).map((x) => away(x + 1))[2] === 4,
  () => "x".localeCompare({ toString: () => away("x") }) === 0,
  () => new RegExp({ toString: () => away("a+") }).test("aaa"),
  () => new Date({ valueOf: () => away(5) }).getTime() === 5,
];

export const builtins = {
  round(random) {
    const running = calls.map((call) => new Greenlet(() => call()));
    const results = running.map(() => undefined);
    while (running.some((one) => !one.dead)) {
      const at = random(running.length);
      if (running[at].dead) continue;
      const value = running[at].switch();
      if (running[at].dead) results[at] = value;
    }
    assert.deepEqual(results.map((right, i) => (right ? undefined : String(calls[i]))).filter(Boolean), []);
  },
};
