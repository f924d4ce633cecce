/** The laws of the waiter's threads, with futex_waitv and as on a kernel that lacks it. */
import { describe, expect, test } from "@jest/globals";
import { run } from "../support/fixture.js";

const MANY = 300;
const SECONDS = 1000;

describe.each([
  { name: "futex_waitv", mode: "0", threads: Math.ceil(MANY / 127) },
  { name: "one thread for each word", mode: "1", threads: MANY },
])("$name", ({ mode, threads }) => {
  const every = (text: string) => Array.from({ length: MANY }, () => text).join();

  test("300 waits for 300 words all succeed", async () => {
    const { stdout, stderr, code } = await run("many-waits.mjs", [mode, String(MANY), "release"]);
    expect(stdout.trim().split("\n")).toEqual([String(threads), every("true"), String(MANY)]);
    expect([stderr, code]).toEqual(["", 0]);
  });

  test("300 waits can be cancelled, and take nothing", async () => {
    const { stdout, stderr, code } = await run("many-waits.mjs", [mode, String(MANY), "cancel"]);
    expect(stdout.trim().split("\n")).toEqual([String(threads), every("cancelled"), String(MANY)]);
    expect([stderr, code]).toEqual(["", 0]);
  });

  test("waits without end neither keep the process nor harm its exit", async () => {
    expect(await run("many-waits.mjs", [mode, String(MANY), "exit"])).toMatchObject({
      code: 0,
      signal: null,
      stderr: "",
    });
  });

  test("two threads hand a lock to and fro, each on its own event loop", async () => {
    const result = await run("worker-waits.mjs", [mode]);
    expect(result).toMatchObject({ code: 0, stdout: "played 500 rounds\n", stderr: "" });
  });

  // The waiter's thread must never look at memory that a worker's end has unmapped.
  test(
    "100 workers are terminated while they wait",
    async () => {
      const result = await run("terminate-waiting-workers.mjs", [mode, "100"]);
      expect(result).toMatchObject({ code: 0, signal: null, stderr: "" });
    },
    120 * SECONDS,
  );
});
