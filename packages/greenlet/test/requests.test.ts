/** Requests to stop or to interrupt JavaScript, which come from other threads, and so in the middle of a switch. */
import { fileURLToPath } from "node:url";
import { endLeftOver, run } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

declare const engine: string;
const program = fileURLToPath(new URL("fixtures/requests-in-switches.cjs", import.meta.url));
afterAll(endLeftOver);

test.each([
  ["time limits of node:vm end", "timeLimits", 300],
  ["interrupts of a worker that does nothing but switch are served", "interrupts", 9],
])("%s, though stacks begin, wait and end all the time", async (_, by, times) => {
  expect(await run(program, [engine, by, String(times)])).toEqual({
    code: 0,
    signal: null,
    stdout: "all were served\n",
    stderr: "",
  });
});
