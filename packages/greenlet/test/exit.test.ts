import { fileURLToPath } from "node:url";
import { endLeftOver, type How, run } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";

const program = fileURLToPath(new URL("fixtures/end-with-parked.mjs", import.meta.url));
const UNCAUGHT = /nobody catches this/;
const NOTHING = /^$/;
afterAll(endLeftOver);

/** How a program with thirty suspended greenlets ends; never of a signal that it did not send, and no `finally` block of theirs runs. */
async function end(way: string, how?: How) {
  const { code, signal, stdout, stderr } = await run(program, [way], how);
  const [begins, ...said] = stdout.trimEnd().split("\n");
  expect(begins).toBe("begins");
  return { code, signal, said, stderr };
}

describe("a process with suspended greenlets", () => {
  test.each([
    ["comes to its end", "ends", 0, [], NOTHING],
    ["calls process.exit() on a greenlet", "exits", 7, [], NOTHING],
    ["calls process.exit() on the main one", "exitsOnMain", 8, [], NOTHING],
    ["uses greenlets in its exit handler", "exitHandler", 0, ["greenlets in the exit handler"], NOTHING],
    ["has an error on a greenlet that nobody catches", "throws", 1, [], UNCAUGHT],
    ["has one in a callback", "throwsLater", 1, [], UNCAUGHT],
    ["has a rejection on a greenlet that nobody handles", "rejects", 0, ["nobody handles this"], NOTHING],
    ["calls process.exit() on a greenlet while a worker is busy on one", "exitsWithWorkers", 9, [], NOTHING],
  ])("%s", async (_, way, code, said, stderr) => {
    expect(await end(way)).toEqual({ code, signal: null, said, stderr: expect.stringMatching(stderr) });
  });

  test("is ended by a signal", async () => {
    expect(await end("aborts")).toMatchObject({ code: null, signal: "SIGTERM" });
  });
});

describe("a worker with suspended greenlets", () => {
  test.each([
    ["comes to its end", "workerEnds", ["worker: 0"]],
    ["calls process.exit() on a greenlet", "workerExits", ["worker: 7"]],
    ["has an error on a greenlet that nobody catches", "workerThrows", ["nobody catches this", "worker: 1"]],
    ["is terminated while a greenlet is busy", "terminatesBusy", ["terminated: 1"]],
    ["is terminated while greenlets switch", "terminatesSwitching", ["terminated: 1"]],
    ["is terminated while it waits", "terminatesWaiting", ["terminated: 1"]],
    ["is one of many", "manyWorkers", Array(10).fill("0,0")],
  ])("%s", async (_, way, said) => {
    expect(await end(way)).toEqual({ code: 0, signal: null, said, stderr: "" });
  });
});

test("a time limit of node:vm ends the greenlet that is busy, and its script, and nothing else", async () => {
  const limit = "ERR_SCRIPT_EXECUTION_TIMEOUT true";
  expect(await end("timeLimit")).toEqual({
    code: 0,
    signal: null,
    said: [limit, limit, "greenlets after it"],
    stderr: "",
  });
});

test("without memory for another stack a greenlet does not start, and the others go on", async () => {
  // Large stacks, so that what is left is too little for one, but enough for V8.
  const how = { first: "ulimit -v 9000000", env: { CORDAGE_GREENLET_STACK_SIZE: String(64 * 1024 ** 2) } };
  expect(await end("memory", how)).toEqual({
    code: 0,
    signal: null,
    said: ["ERR_MEMORY_ALLOCATION_FAILED true", "greenlets after it 0"],
    stderr: "",
  });
});
