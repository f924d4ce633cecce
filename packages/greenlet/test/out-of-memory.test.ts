/** No memory: for a stack, which is an error; or for V8's heap, which ends the process, or the worker, as it does without greenlets. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { endLeftOver, fixturesIn, programsIn } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";

const fixtures = new URL("fixtures/", import.meta.url);
const { reports } = programsIn(fixtures);
const { run } = fixturesIn(fixtures);
const folder = mkdtempSync(path.join(tmpdir(), "cordage-out-of-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterAll(endLeftOver);

const NONE = "ERR_MEMORY_ALLOCATION_FAILED";

test("without memory for another stack nobody is lost, the error comes to who asked, and all is well when there is memory", async () => {
  // Large stacks, so that what is left is too little for one, but enough for V8.
  const how = { first: "ulimit -v 9000000", env: { CORDAGE_GREENLET_STACK_SIZE: String(64 * 1024 ** 2) } };
  expect(await reports("no-stack-left.mjs", "", how)).toEqual([
    [NONE, true, NONE, false],
    ["THROWN", true, true],
    [NONE, false],
    [NONE, true, false],
    true,
    ["starts late", true, 0],
  ]);
});

describe.each(["main", "greenlet"])("a heap that is full, on a %s,", (where) => {
  test("ends the process as ever, with a snapshot and a report of it", async () => {
    const cwd = mkdtempSync(path.join(folder, where));
    const flags = ["--max-old-space-size=24", "--heapsnapshot-near-heap-limit=1", "--report-on-fatalerror"];
    const { signal, stderr } = await run("out-of-memory.mjs", [where], { flags, cwd, first: "ulimit -c 0" });
    expect([signal, stderr]).toEqual(["SIGABRT", expect.stringContaining("JavaScript heap out of memory")]);
    expect(readdirSync(cwd).map((name) => path.extname(name))).toEqual([".heapsnapshot", ".json"]);
  });

  test("ends a worker with an error, and nobody else", async () => {
    expect(await reports("out-of-memory.mjs", where, { args: ["worker"] })).toEqual(["ERR_WORKER_OUT_OF_MEMORY", 1]);
  });
});
