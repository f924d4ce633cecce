/** Requests to stop or to interrupt JavaScript, which come from other threads, and so in the middle of a switch. */
import { fileURLToPath } from "node:url";
import { endLeftOver, run } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

declare const engine: string;
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const program = fixture("requests-in-switches.cjs");
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

test("after a time limit in a switch, in a callback or on a greenlet, whoever set it is who he was", async () => {
  const options = { env: { CORDAGE_GREENLET_ENGINE: engine === "stack" ? "" : engine } }; // as by default, which knows where requests are
  expect(await run(fixture("time-limits-in-callbacks.mjs"), ["300"], options)).toEqual({
    code: 0,
    signal: null,
    stdout: "all were who they were\n",
    stderr: "",
  });
});
