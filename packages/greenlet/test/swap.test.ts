/** The code that switches stacks, without V8. `npm run test:arm64` has it for the other processor. */
import { fileURLToPath } from "node:url";
import { endLeftOver, run } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

const program = fileURLToPath(new URL("swap/run.mjs", import.meta.url));
afterAll(endLeftOver);

test("what a call must keep, a switch keeps; a fresh stack is aligned, and backtraces find its end", async () => {
  const { code, stdout, stderr } = await run(program, ["native"]);
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^seed \d+\nswitched\n$/),
    stderr: "",
  });
});
