/** So many greenlets at once as a service may have connections. */
import { endLeftOver, fixturesIn } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

afterAll(endLeftOver);

declare const engine: string;
const { run } = fixturesIn(new URL("./", import.meta.url));
const STACK = 256 * 1024;
const many = engine === "stack" ? 100_000 : 1_000; // one that has a thread of its own is not for so many

test(`${many} are parked at once, twice, and the second ones have the stacks of the first`, async () => {
  const { code, signal, stdout, stderr } = await run("many.mjs", [String(many)], {
    flags: ["--expose-gc"],
    env: { CORDAGE_GREENLET_ENGINE: engine },
  });
  expect([code, signal, stderr]).toEqual([0, null, ""]);
  const [full, ended, again, endedAgain] = JSON.parse(stdout);
  for (const at of [full, again]) expect(at).toMatchObject({ greenlets: many, lost: 0, stackBytes: full.stackBytes });
  expect(full.stackBytes).toBeGreaterThanOrEqual(many * STACK);
  for (const at of [ended, endedAgain]) {
    expect(at).toMatchObject({ greenlets: 0, lost: 0 });
    expect(at.stackBytes).toBeLessThan(full.stackBytes / 10); // given back, but for some to begin with
  }
}, 300_000);
