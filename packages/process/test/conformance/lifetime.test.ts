/** Parents, children and their ends. */
import { allGone } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { methods, processMethods, reports, run, start } from "../support/program.js";

describe.each(methods)("with start method %s", (method) => {
  // 6 _TestProcess.test_daemon_argument
  test("daemon is inherited or given, and a daemon may not have children", async () => {
    const child = (own: boolean, refused: string) => [own, [own, own, false, refused]];
    expect(await reports("daemons.mjs", method)).toEqual([
      child(false, "allowed"),
      child(true, "ERR_DAEMON_CHILDREN"),
      child(false, "allowed"),
    ]);
  });

  test.each([
    ["by itself", "", 0],
    ["by process.exit()", "exit", 3],
    ["by an error", "throw", 1],
  ])("a main program that ends %s waits for its children and ends its daemons", async (_, how, expected) => {
    const { code, stdout, stderr } = await run("at-end.mjs", method, { args: [how] });
    expect([code, stdout]).toEqual([expected, "the main program ends\nthe child has finished\n"]);
    expect(stderr).toContain(how === "throw" ? "Error: the main program fails" : "");
    await allGone();
  });

  test("daemons that spin, block or wait die with a parent that is killed", async () => {
    const { child, line, ended } = start("orphans.mjs", method);
    for (let i = 0; i < 3; i++) expect(Number(await line())).toBeGreaterThan(1);
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    await allGone();
  });

  test("a wait for a lock whose owner is killed ends, even where nothing else keeps the program alive", async () => {
    expect(await reports("owner-died.mjs", method)).toEqual(["held", "OwnerDiedError true"]);
  });

  // 194 TestWait.test_wait_integer, 18 _TestProcess.test_sentinel
  test("the sentinel is ready when the process has ended, and for ever", async () => {
    const both = ["sentinel", "connection"];
    expect(await reports("sentinel.mjs", method)).toEqual([["connection"], "0 true", [], ["sentinel"], both, both, 0]);
  });

  // 252 _TestAtExit.test_atexit, 23 _TestProcess.test_wait_for_threads
  test("handlers of `exit` that the child registered run at its end", async () => {
    expect(await reports("exit-handlers.mjs", method)).toEqual([
      "its last timer",
      "beforeExit handler of the child",
      "exit handler of the child 0",
      0,
      "exit handler of the child 5",
      5,
    ]);
  });

  // 21 _TestProcess.test_lose_target_ref, 19 _TestProcess.test_close
  test("a started process does not keep its arguments alive, and a closed one can be collected", async () => {
    expect(await reports("lost-references.mjs", method, { flags: ["--expose-gc"] })).toEqual([[0, true], true]);
  });

  // 24, 25 _TestProcess.test_error_on_stdio_flush_1 and 2
  test("closed output, the child's own or its parent's, makes nothing fail", async () => {
    const { code, stderr } = await run("closed-output.mjs", method);
    expect([code, stderr]).toEqual([42, method === "thread" ? "nor this\n" : ""]);
  });
});

describe.each(processMethods)("with start method %s", (method) => {
  // 178 _TestPollEintr.test_poll_eintr
  test("signals end no join, in either form", async () => {
    expect(await reports("signals-in-join.mjs", method)).toEqual(["0 true", "0 true"]);
  });

  // 8 _TestProcess.test_parent_process
  test("a child sees whether its parent lives, and outlives it unless it is a daemon", async () => {
    const [seen, [after, end]] = await reports("parent-ends.mjs", method);
    expect([seen.slice(1), after[0], end]).toEqual([[true, true], false, "EOFError"]);
    expect(seen[0]).toMatch(/Process-1$/);
  });
});

// With fork, a child has every descriptor of its parent, as in Python.
describe.each(["spawn", "forkserver"] as const)("with start method %s", (method) => {
  // 22 _TestProcess.test_child_fd_inflation, 202 TestCloseFds.test_closefd
  test("no child has descriptors of its siblings, or of the parent", async () => {
    const seen = await reports("inherited-descriptors.mjs", method);
    expect(seen).toHaveLength(5);
    expect(new Set(seen.map(([count]) => count)).size).toBe(1);
    expect(seen.map(([, high]) => high)).toEqual(Array(5).fill("EBADF"));
  });
});
