import { endLeftOver, programsIn } from "@cordage/test-support";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type CopiedPackage, copyPackage } from "./support/copied-package.js";

const { reports } = programsIn(new URL("fixtures/", import.meta.url));
const SEED = Math.floor(Math.random() * 2 ** 31);

let copied: CopiedPackage;
beforeAll(() => {
  copied = copyPackage();
});
afterAll(() => copied.remove());
afterAll(endLeftOver);

const original = () => `${new URL("../dist/index.js?again", import.meta.url)}`;
const elsewhere = () => copied.url;

describe.each(["stack", "threads"])("on the %s engine", (engine) => {
  describe.each([
    ["loaded twice, with one addon", original],
    ["installed twice, with an addon each", elsewhere],
  ])("two copies %s", (_, url) => {
    const how = () => ({ flags: ["--expose-gc"], env: { CORDAGE_GREENLET_ENGINE: engine } });

    test("run their greenlets on each other's", async () => {
      expect(await reports("two-copies.mjs", url(), how())).toEqual([
        ["outer is parked while the main one of b is on it", [2, 11, true]],
        [
          "from b1 to the main one of a",
          "a1 goes on",
          "the end of a1's function",
          "the end of b1's function",
          true,
          true,
          true,
        ],
        ["of b", "of b"],
        [["a", "b", "a"], "main"],
        false,
      ]);
    });

    test(`mix at random, with collections in between (seed ${SEED})`, async () => {
      const [report] = await reports("mix-copies.mjs", url(), { ...how(), args: [String(SEED)] });
      expect(report).toEqual({ ended: 100, wrong: 0 });
    });
  });
});

test("the package works in a context of node:vm, and gives errors of that context's kind", async () => {
  const { greenlet } = await import("@cordage/greenlet");
  const error = (() => {
    try {
      greenlet(() => {
        throw new TypeError("from a greenlet");
      }).switch();
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(TypeError);
});
