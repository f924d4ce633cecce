import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { endLeftOver, programsIn } from "@cordage/test-support";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const { reports } = programsIn(new URL("fixtures/", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const SEED = Math.floor(Math.random() * 2 ** 31);

/** Inside of the package, so that its dependencies are found. */
let folder: string;
beforeAll(() => {
  mkdirSync(path.join(root, "builds"), { recursive: true });
  folder = mkdtempSync(path.join(root, "builds/copy-"));
  for (const part of ["package.json", "dist", "build/Release/cordage_greenlet.node"])
    cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterAll(endLeftOver);

const original = () => `${pathToFileURL(root)}dist/index.js?again`;
const elsewhere = () => `${pathToFileURL(folder)}/dist/index.js`;

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
        false,
      ]);
    });

    test(`mix at random, with collections in between (seed ${SEED})`, async () => {
      const [report] = await reports("mix-copies.mjs", url(), { ...how(), args: [String(SEED)] });
      expect(report).toEqual({ ended: 200, wrong: 0 });
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
