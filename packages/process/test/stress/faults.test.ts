/** Faults tried for real: nothing left, nothing hung. */
import { allGone } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { methods, processMethods, reports, run, start } from "../support/program.js";

describe.each(methods)("with start method %s", (method) => {
  test("a process in sequence after another leaves no descriptor, thread, zombie or shared memory", async () => {
    const times = method === "spawn" || method === "thread" ? 40 : 200;
    const [leaked, where] = await reports("many-in-sequence.mjs", method, { args: [String(times)] });
    expect([leaked, where]).toEqual([[0, 0, 0, 0], undefined]); // descriptors, threads, processes, mappings
  });
});

describe.each(processMethods)("with start method %s", (method) => {
  test("a start that lacks a descriptor fails with EMFILE and leaks nothing; the first that lacks none works", async () => {
    const { code, stdout, stderr } = await run("exhaustion.mjs", method, { first: "ulimit -n 160" });
    expect([code, stderr]).toEqual([0, ""]);
    const [first, ...others] = stdout.trimEnd().split("\n");
    expect([first, others.pop()]).toEqual(["0", "0"]);
    expect(others.length).toBeGreaterThan(2);
    expect(new Set(others)).toEqual(new Set(["SystemError EMFILE, 0 leaked"]));
  });

  test("a main program that is killed at any moment of its starts leaves no process that waits for ever", async () => {
    for (let delay = 0; delay < 12; delay++) {
      const { child, line, ended } = start("starts-for-ever.mjs", method);
      expect(await line()).toBe("ready");
      await new Promise((go) => setTimeout(go, delay * 3));
      child.kill("SIGKILL");
      await ended;
    }
    await allGone();
  });
});
