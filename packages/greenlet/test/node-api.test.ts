/** Addons that call JavaScript, which suspends its greenlet there: with the frames of C++ on its stack, in whatever order they return. */
import { endLeftOver, fixturesIn, programsIn } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { buildAddon } from "./support/addon.js";

const fixtures = new URL("fixtures/", import.meta.url);
const { reports } = programsIn(fixtures);
const { run } = fixturesIn(fixtures);
const addon = buildAddon(new URL("calling-back.c", fixtures));
afterAll(addon.remove);
afterAll(endLeftOver);

const seen = (scenario: string, way: string) => reports("native-callbacks.mjs", scenario, { args: [addon.file, way] });
const WAYS = ["plainly", "asCallback"];
const ALL_WAYS = [...WAYS, "inHandleScope", "inCallbackScope"];

describe.each(WAYS)("greenlets in what an addon has called %s", (way) => {
  test("return through it in another order than they came", async () => {
    const ends = ["a", "b", "c"].map(() => "first second");
    const steps = ["in", "on the way"].flatMap((step) => ["a", "b", "c"].map((name) => `${name} ${step}`));
    expect(await seen("firstInFirstOut", way)).toEqual([[...steps, ...ends]]);
  });

  test("throw through it", async () => {
    expect(await seen("errors", way)).toEqual([
      [
        ["a", "b", "c"],
        [true, true, true],
      ],
    ]);
  });
});

describe.each(ALL_WAYS)("greenlets in what an addon has called %s", (way) => {
  test("keep nobody's ticks and promises waiting, and run none themselves", async () => {
    expect(await seen("turns", way)).toEqual([
      [
        ...["tick of main", "reaction of main", "goes on", "greenlet ends"],
        ...["tick of the greenlet", "reaction of the greenlet"],
      ],
    ]);
  });

  test("return through it, the last one first", async () => {
    expect(await seen("lastInFirstOut", way)).toEqual([
      [
        ["a", "b", "c"],
        ["out", "out", "out"],
      ],
    ]);
  });

  test("do not keep a process or a thread from its end", async () => {
    expect(await seen("ends", way)).toEqual(["ends"]);
    expect(await seen("worker", way)).toEqual(["ends", 0]);
  });
});

test.each(["asCallback", "inCallbackScope"])("each callback of an addon, called %s, has its own ids", async (way) => {
  const [right] = await seen("ids", way);
  expect(right).toEqual(Array(10).fill(true));
});

// Not ours to mend: Node counts the open scopes of an addon, not of a stack, and checks the count when a function of the addon returns.
test.each(["inHandleScope", "inCallbackScope"])(
  "Node ends a process in which functions of an addon, with scopes open that they opened, return in another order: %s",
  async (way) => {
    const how = { first: "ulimit -c 0" };
    const { signal, stderr } = await run("native-callbacks.mjs", ["firstInFirstOut", addon.file, way], how);
    expect([signal, stderr]).toEqual(["SIGABRT", expect.stringMatching(/open_(handle|callback)_scopes/)]);
  },
);
