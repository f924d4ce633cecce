import { expect, test } from "@jest/globals";
import { run } from "../support/fixture.js";

test("no argument of the native edge can crash it: what is wrong is refused, what is odd fails", async () => {
  const { stdout, stderr, code, signal } = await run("hostile-arguments.mjs", [], { flags: ["--expose-gc"] });
  expect({ stderr, code, signal }).toEqual({ stderr: "", code: 0, signal: null });
  const { calls, taken } = JSON.parse(stdout);
  expect(taken).toEqual([]);
  expect(calls).toBeGreaterThan(2000);
});
