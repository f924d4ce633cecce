/** What a process object promises, whatever starts it. CPython `_TestProcess`; numbers are the checklist's. */
import { cpuCount, getContext } from "@cordage/process";
import { describe, expect, test } from "@jest/globals";
import { methods, processMethods, reports, run } from "../support/program.js";

// 15 _TestProcess.test_cpu_count
test("the number of processors is a whole number of at least one", () => {
  expect(Number.isInteger(cpuCount()) && cpuCount() >= 1).toBe(true);
});

describe.each(methods)("a process of start method %s", (method) => {
  const prefix = getContext(method).Process.name;
  const own = method === "thread" ? "the parent's" : "its own";

  // 3 test_current, 7 test_parent_process_attributes, 9 test_process, 10 test_process_mainthread_native_id, 16 test_active_children
  test("is new, then runs, then has ended, and knows its arguments, its name, its pid and its parent", async () => {
    const [{ child, looks, pid, name, fresh }] = await reports("life.mjs", method);
    expect(child).toEqual({
      args: ["str", [1], [2], { deep: { er: "1n" } }, { hello: 23 }],
      name: `${prefix}-1`,
      pid: expect.any(Number),
      ident: child.pid,
      daemon: false,
      authkey: true,
      parent: { name: "MainProcess", pid, ident: pid, alive: true },
      ppid: pid,
      children: 0,
    });
    expect(child.pid === pid ? "the parent's" : "its own").toBe(own);
    expect([name, fresh]).toEqual(["MainProcess", true]);
    const label = (pid: string) => expect.stringContaining(`Process name='${prefix}-1'${pid} parent=`);
    expect(looks).toEqual([
      [false, null, null, false, label("")],
      [true, null, child.pid, true, label(` pid=${child.pid}`)],
      [false, 0, child.pid, false, label(` pid=${child.pid}`)],
    ]);
    expect(looks.map((look: string[]) => /(initial|started|stopped exitcode=0)>$/.exec(look[4]!)?.[1])).toEqual([
      "initial",
      "started",
      "stopped exitcode=0",
    ]);
  });

  // 32 _TestSubclassingProcess.test_sys_exit
  test("ends with the exit code that it asked for, by Python's rules", async () => {
    const { code, stdout, stderr } = await run("exit-codes.mjs", method);
    expect(code).toBe(0);
    const [nothing, ...codes] = JSON.parse(stdout);
    expect(nothing).toBe(0);
    expect(codes.slice(0, 4)).toEqual([8, 5, 5, 8]);
    expect(codes.slice(4)).toEqual([0, 0, 1, 0, 0, 8, 255, 0, 1, 255, 1, 1, 1, 1, 0]);
    expect(stderr.split("\n").filter(Boolean).sort()).toEqual(["1.5", "[ 1, 2 ]", "ignore this", "{ why: 'object' }"]);
  });

  // 31 test_stderr_flush
  test.each([
    ["inTarget", ["TypeError: thrown in the target", "[cause]: Error: the cause", "uncaught.mjs:4:"]],
    ["later", ["RangeError: thrown later", "uncaught.mjs:8:"]],
    ["inTimer", ["TypeError: Cannot read properties of null", "uncaught.mjs:11:"]],
    ["unhandled", ["SyntaxError: nobody handles this", "uncaught.mjs:14:"]],
    ["notAnError", ["{ just: 'an object' }"]],
  ])("prints the error that nobody caught (%s) with its stack, and ends with exit code 1", async (kind, texts) => {
    const { code, stdout, stderr } = await run("uncaught.mjs", method, { args: [kind] });
    expect([code, stdout]).toEqual([0, "1\n"]);
    expect(stderr).toMatch(/^Process Unlucky:\n/);
    for (const text of texts) expect(stderr).toContain(text);
    expect(stderr.match(/Process Unlucky/g)).toHaveLength(1);
  });

  // 12 test_interrupt's preamble, 13 test_terminate, 14 test_kill
  test.each([
    ["terminate", -15],
    ["kill", -9],
  ])("that spins, blocks, waits or sleeps is ended by %s()", async (verb, exitcode) => {
    expect(await reports("signals.mjs", method, { args: [verb] })).toEqual(
      Array(4).fill([[true, null], false, exitcode]),
    );
  });

  // 11 test_interrupt
  test("that spins, blocks, waits or sleeps ends with exit code 1 after interrupt()", async () => {
    const { code, stdout, stderr } = await run("signals.mjs", method, { args: ["interrupt"] });
    expect([code, stdout]).toEqual([0, `${JSON.stringify([[true, null], false, 1])}\n`.repeat(4)]);
    expect(stderr).toBe(method === "thread" ? "" : "KeyboardInterrupt\n".repeat(4));
  });

  // 19 test_close
  test("refuses what its state does not allow, and says so", async () => {
    const [{ early, running, ended, closed, sentinel }] = await reports("rules.mjs", method);
    const unstarted = "ProcessError ERR_PROCESS_NOT_STARTED";
    expect(early).toEqual([unstarted, unstarted, unstarted, unstarted, "ERR_PROCESS_NOT_STARTED", unstarted]);
    const started = "ProcessError ERR_PROCESS_STARTED";
    expect(running).toEqual([started, "ProcessError ERR_PROCESS_RUNNING", started, false]);
    expect(ended).toEqual(["again", "again", "no matter", started]);
    expect(closed).toEqual([...Array(8).fill("ProcessError ERR_PROCESS_CLOSED"), expect.stringMatching(/closed>$/)]);
    expect(sentinel).toBe("ProcessError ERR_PROCESS_CLOSED");
  });

  // 17 test_recursion
  test("starts children that start children, in order", async () => {
    expect(await reports("recursion.mjs", method)).toEqual([
      [[], "MainProcess"],
      [[0], `${prefix}-1`],
      [[0, 0], `${prefix}-1:1`],
      [[0, 1], `${prefix}-1:2`],
      [[1], `${prefix}-2`],
      [[1, 0], `${prefix}-2:1`],
      [[1, 1], `${prefix}-2:2`],
      "EOFError",
    ]);
  });

  // 20 test_many_processes
  test("is one of many that run at once, and of many that are terminated as soon as they have started", async () => {
    const count = { spawn: "5", thread: "20", fork: "30", forkserver: "100" }[method];
    expect(await reports("crowd.mjs", method, { args: [count] })).toEqual([[0], [-15]]);
  });
});

describe.each(["forkserver", "fork"] as const)("a process of start method %s", (method) => {
  test("misses no signal, however early it comes", async () => {
    const { code, stdout } = await run("crowd.mjs", method, { args: ["20", "interrupt"] });
    expect([code, stdout]).toEqual([0, "[0]\n[1]\n"]);
  });
});

describe.each(processMethods)("a process of start method %s", (method) => {
  // 11 test_interrupt, 12 test_interrupt_no_handler
  test("may handle SIGINT by itself, or have the system's default again", async () => {
    expect(await reports("interrupt-handlers.mjs", method)).toEqual([7, -2]);
  });
});
