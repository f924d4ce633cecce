import { endLeftOver, programsIn } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

const { reports } = programsIn(new URL("fixtures/", import.meta.url));
afterAll(endLeftOver);

/** What V8 says of each on a thread's own stack too. */
const OUTCOMES = {
  recursion: "RangeError",
  getter: "RangeError",
  sort: "RangeError",
  replace: "RangeError",
  toJSON: "RangeError",
  proxy: "RangeError",
  construct: "RangeError",
  stringify: expect.stringMatching(/^(RangeError|done)$/), // newer versions of V8 do not recurse
  parse: "SyntaxError",
  expression: "RangeError",
  pattern: "SyntaxError",
  backtracking: "done",
  clone: "RangeError",
  context: "RangeError",
};
const AGAIN = ["RangeError", "RangeError", "RangeError", "RangeError"];

test.each([
  ["of 128 KiB, the least", { env: { CORDAGE_GREENLET_STACK_SIZE: "131072" } }],
  ["of 256 KiB, the default", {}],
  ["of 4 MiB", { env: { CORDAGE_GREENLET_STACK_SIZE: "4194304" } }],
  ["in a process whose main stack is small", { flags: ["--stack-size=200"] }],
  ["in a process whose main stack is large", { first: "ulimit -s unlimited", flags: ["--stack-size=4000"] }],
])("the end of a stack %s is an error, and libraries and switches work there", async (_, how) => {
  expect(await reports("go-deep.mjs", "", how)).toEqual([OUTCOMES, AGAIN, 20]);
});
