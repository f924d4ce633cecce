/** What is about whole programs, with workers of every start method. */
import { allGone } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { methods, reports, run, start } from "../support/program.js";

const withGc = ["--expose-gc"];

describe.each(methods)("with start method %s", (method) => {
  // 265 MultiProcessingCmdLineMixin.test_basic_script
  test("a pool runs functions of the main script, if it exports them", async () => {
    expect(await reports("basic-script.mjs", method)).toEqual([
      [1, 4, 9],
      [false, false, "function"],
      "ERR_FUNCTION_NOT_FOUND",
    ]);
  });

  test("workers that die, spin or have done their part are replaced, and nothing is lost", async () => {
    expect(await reports("laws.mjs", method)).toEqual([
      [0, 1, 4, 9, 16, 25, 36, 49, 64, 81],
      5,
      361,
      "tried again",
      "ERR_TASK_TIMEOUT",
      "unwanted",
      "ready",
      100,
      true,
      144,
      [expect.any(Number), 3, 2, 5, true],
      [0, 1, 4, 9, 16, 25],
    ]);
  });

  // 122 _TestPoolWorkerLifetime.test_worker_finalization_via_atexit_handler_of_multiprocessing
  test.each(["idle", "busy"])("a pool that is never closed, and %s, lets the program end with code 0", async (how) => {
    expect(await reports("never-closed.mjs", method, { args: [how] })).toEqual([9, 0]);
    await allGone();
  });

  // 187 TestStdinBadfiledescriptor.test_pool_in_process
  test("a child runs a pool of its own", async () => {
    const args = method === "fork" ? ["forkserver"] : [];
    expect(await reports("nested.mjs", method, { args })).toEqual([
      [[1, 4, 9, 16, 25], "joined"],
      0,
      "ERR_DAEMON_CHILDREN",
    ]);
  });

  // 114 _TestPool.test_release_task_refs
  test("arguments, results and their owners are not kept once they are used", async () => {
    const [collected] = await reports("released.mjs", method, { flags: withGc });
    expect(collected.length).toBeGreaterThan(20);
    expect(collected).toEqual(collected.map(() => true));
  });

  // 116 _TestPool.test_resource_warning
  test("a running pool that nobody has any more is ended, with a warning", async () => {
    const warning = ["ResourceWarning", expect.stringContaining("a pool was dropped while it ran")];
    expect(await reports("dropped.mjs", method, { flags: withGc, args: ["running"] })).toEqual([[warning]]);
  });

  // 116 _TestPool.test_resource_warning
  test("one that was ended is dropped without a warning", async () => {
    expect(await reports("dropped.mjs", method, { flags: withGc, args: ["ended"] })).toEqual([[]]);
  });

  test("workers that spin, block, wait or idle die with a program that is killed", async () => {
    const { child, line, ended } = start("orphans.mjs", method);
    expect(JSON.parse(await line())).toHaveLength(4);
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    await allGone();
  });
});

describe("what somebody still waits for comes, though nobody has the pool any more:", () => {
  test.each([
    ["result", 5],
    ["promise", [5, 6]],
    ["iterator", [1, 2, 3, undefined].map((value) => ({ done: value === undefined, value }))],
    ["next", 7],
    ["input", [0, 1, 9]],
  ])("%s", async (what, expected) => {
    const { code, stdout } = await run("dropped.mjs", "forkserver", { flags: withGc, args: [what] });
    expect([code, JSON.parse(stdout)]).toEqual([0, JSON.parse(JSON.stringify(expected))]);
  });
});

describe("an error", () => {
  const told = /^a task of a pool failed, and nobody asked for its result:\nRangeError: nobody asks\n/;

  test.each(["nobody", "map", "progress", "waited", "waitedSync"])(
    "that nobody asks for (%s) is told once, at the end or earlier",
    async (how) => {
      for (const flags of [[], withGc]) {
        const { code, stdout, stderr } = await run("unobserved.mjs", "forkserver", { args: [how], flags });
        expect([code, stdout]).toEqual([0, "the end\n"]);
        expect(stderr).toMatch(told);
        expect(stderr.match(/a task of a pool failed/g)).toHaveLength(1);
        expect(stderr).toContain("tasks.mjs");
      }
    },
  );

  test("of an argument that cannot travel is told as well", async () => {
    const { code, stderr } = await run("unobserved.mjs", "forkserver", { args: ["unsendable"] });
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^a task of a pool failed.*\nCodecError: cannot encode \$\[0\]/),
    ]);
  });

  test.each(["callback", "awaited", "later", "sync"])("that somebody asks for (%s) is not told", async (how) => {
    for (const flags of [[], withGc])
      expect(await run("unobserved.mjs", "forkserver", { args: [how], flags })).toEqual({
        code: 0,
        signal: null,
        stdout: "the end\n",
        stderr: "",
      });
  });

  test("that a callback throws is an uncaught exception", async () => {
    const { code, stdout, stderr } = await run("callback-throws.mjs", "forkserver", { args: ["uncaught"] });
    expect([code, stderr]).toEqual([1, expect.stringContaining("Error: of the callback")]);
    expect(stdout).not.toContain("16");
  });

  test("that a callback throws does not harm the pool, if the program catches it", async () => {
    const { code, stdout, stderr } = await run("callback-throws.mjs", "forkserver", { args: ["caught"] });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.trim().split("\n").sort()).toEqual(["16", "9", "no", "of the callback", "of the callback"]);
  });
});
