/** What becomes of a process, or of a thread: programs of fixtures/, run as users run theirs. */
import { endLeftOver, fixturesIn, type How } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { quiet } from "./support/quiet.js";

const { run, report } = fixturesIn(new URL("./fixtures/", import.meta.url));
afterAll(endLeftOver);

/** What a program prints that ends well; its stderr is looked at by the test. */
async function ended(fixture: string, code = 0, how: How = quiet) {
  const end = await run(fixture, [], how);
  expect({ code: end.code, signal: end.signal, stderr: end.stderr }).toMatchObject({ code, signal: null });
  return { lines: end.stdout.trimEnd().split("\n"), stderr: end.stderr };
}

const count = (text: string, part: string) => text.split(part).length - 1;

describe("a program", () => {
  // 132 TestSimpleQueue.test_peek_empty
  test("that waits for what cannot come is told so in each run(), as often as it waits again", async () => {
    expect(await ended("loop-exit.mjs")).toEqual({
      lines: [
        "rejected: LoopExit ERR_LOOP_EXIT",
        "peek: LoopExit ERR_LOOP_EXIT",
        "join: LoopExit ERR_LOOP_EXIT",
        "both: ERR_LOOP_EXIT ERR_LOOP_EXIT",
        "caught: 3",
        "in time: false",
      ],
      stderr: "",
    });
  });

  test("that waits with a signal goes on until that is aborted; a promise that it has handed over is handled in any case", async () => {
    expect(await ended("aborts.mjs")).toEqual({ lines: ["aborted: TimeoutError", "handled: refused"], stderr: "" });
  });

  // 236 Test(hub_join_timeout).test_callback, 237 Test(hub_join_timeout).test_later, 240 Test(hub_join_timeout).test_ref_arg
  // 241 Test(hub_join_timeout).test_ref_attribute, 242 TestAgain(hub_join_timeout): all test it twice
  test("that waits until nothing is left is told when that is so", async () => {
    const once = ["callback: true callback", "timer: true callback timer", "in time: false", "after all: true"];
    const lines = [...once, "unref: true false callback timer"];
    expect(await ended("waits-for-the-end.mjs")).toEqual({ lines: [...lines, ...lines], stderr: "" });
  });

  test("ends, and is told that nothing is left, after calls of sockets that were killed or too late", async () => {
    const killed = Array.from({ length: 3 }, () => "killed: true");
    const lines = ["outside: ERR_NOT_IN_GREENLET", "late: ERR_TIMEOUT ERR_LOOP_EXIT", ...killed];
    lines.push("ready: goes on ERR_LOOP_EXIT");
    expect(await ended("interrupted-sockets.mjs")).toEqual({ lines, stderr: "" });
  });

  test("has errors that nobody waits for printed once, with their greenlet and stack, and goes on", async () => {
    const { lines, stderr } = await ended("nobody-waits.mjs");
    expect(lines).toEqual(["got: heeded", "goes on"]);
    expect(stderr).toMatch(/Error: of a greenlet\n\s+at fails .*nobody-waits\.mjs/);
    expect(stderr).toMatch(/<Greenlet "worker 7": fails\(\)> failed, and nobody waits for it\n/);
    expect(stderr).toMatch(/<Greenlet dead> failed, and nobody waits for it\n/);
    const times = ["of a greenlet", "of a plain one", "heeded", "nobody waits"].map((part) => count(stderr, part));
    expect(times).toEqual([1, 1, 0, 2]);
  });

  test("whose error handler throws has both errors printed, and goes on", async () => {
    const { lines, stderr } = await ended("broken-handler.mjs");
    expect(lines).toEqual(["goes on"]);
    const times = ["of the greenlet", "of the handler", "printed as before"].map((part) =>
      count(stderr, `Error: ${part}\n`),
    );
    expect(times).toEqual([1, 1, 1]);
  });

  test("ends at process.exit() in a greenlet, without the finally blocks of others", async () => {
    expect(await ended("exits-in-greenlet.mjs", 7)).toEqual({ lines: ["exit handler: 7"], stderr: "" });
  });

  test("whose run() rejects, and nobody handles it, fails as of any rejection", async () => {
    const { stderr } = await ended("rejected-run.mjs", 1);
    expect(count(stderr, "Error: nobody handles this")).toBe(1);
  });

  // 225 TestPeriodicMonitoringThread.test_blocking_this_thread
  test("is warned of greenlets that hold the thread for too long", async () => {
    const held = (name: string) =>
      `CORDAGE_GEVENT_HELD <Greenlet "${name}": ${name === "later" ? "anonymous" : "hold"}()> has held the thread for N ms: no timer and no connection was served meanwhile`;
    const { lines } = await ended("holds.mjs", 0, {});
    // On a busy machine, whoever runs may hold the thread, and does so again and again: only those that mean to count, once each.
    const meant = new Set(lines.filter((line) => /^before|"at once"|"later"|hold\(\)/.test(line)));
    expect([...meant]).toEqual(["before: 100", held("at once"), held("later")]);
  });
});

test("without memory for another stack, that is how a greenlet ends, and nobody else does", async () => {
  // Large stacks, so that what is left is too little for one, but enough for V8.
  const how = { ...quiet, first: "ulimit -v 9000000", env: { CORDAGE_GREENLET_STACK_SIZE: String(64 * 1024 ** 2) } };
  expect(await report("no-stack-left.mjs", [], how)).toEqual({
    someBegan: true,
    allThatBeganSucceeded: true,
    ended: 600,
    plainEnded: true,
    isEachReported: true,
    isNoneTwice: true,
    codes: ["ERR_MEMORY_ALLOCATION_FAILED"],
    again: "again",
  });
});

test("each thread has a hub of its own, which ends as that of the main thread", async () => {
  const own = [[1, 4, 9], "ERR_LOOP_EXIT", true];
  expect(await report("in-a-worker.mjs", [], quiet)).toEqual([own, [own, 0], [own, 0]]);
});
