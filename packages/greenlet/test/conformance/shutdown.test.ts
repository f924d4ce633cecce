/** Programs and threads that end while greenlets are suspended: those are forgotten, and nobody is disturbed by that. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { endLeftOver, run } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";

afterAll(endLeftOver);

/** What a program prints that ends well and quietly. */
async function printed(name: string): Promise<string[]> {
  const { stdout, ...how } = await run(fileURLToPath(new URL(`../fixtures/exits/${name}.mjs`, import.meta.url)));
  expect({ name, ...how }).toEqual({ name, code: 0, signal: null, stderr: "" });
  return stdout.split("\n").filter(Boolean);
}

describe("a program ends well", () => {
  // 147 TestInterpreterShutdown.test_active_greenlet_at_shutdown_no_crash
  test("with a suspended greenlet, whose finally does not run", async () => {
    expect(await printed("one")).toEqual(["dead: false"]);
  });

  // 149 TestInterpreterShutdown.test_nested_greenlets_at_shutdown, 154 TestInterpreterShutdown.test_deeply_nested_greenlets_at_shutdown
  test("with greenlets that are suspended in each other, ten deep", async () => {
    expect(await printed("nested")).toEqual(["dead: false"]);
  });

  // 155 TestInterpreterShutdown.test_greenlet_with_traceback_at_shutdown
  test("with one that is suspended in a catch block", async () => {
    expect(await printed("in-a-catch")).toEqual(["dead: false"]);
  });

  // 156 TestInterpreterShutdown.test_getcurrent_during_atexit_no_crash, 157 TestInterpreterShutdown.test_gettrace_during_atexit_no_crash
  // 159 TestInterpreterShutdown.test_getcurrent_with_active_greenlets_during_atexit
  // 160 TestInterpreterShutdown.test_greenlet_construction_during_atexit_no_crash
  // 161 TestInterpreterShutdown.test_greenlet_construction_with_active_greenlets_during_atexit
  test("and its exit handlers may use greenlets", async () => {
    expect(await printed("exit-handler")).toEqual([
      "current: <Greenlet current active started main>",
      "trace: undefined",
      "made: <Greenlet pending> runs",
      "dead: false",
    ]);
  });

  test("and an exit handler can end those that are to clean up", async () => {
    expect(await printed("ends-them")).toEqual(["cleaned up", "cleaned up"]);
  });
});

describe("a thread ends well", () => {
  // 150 TestInterpreterShutdown.test_threaded_greenlets_at_shutdown
  // 151 TestInterpreterShutdown.test_greenlet_cleanup_during_thread_exit, 152 TestInterpreterShutdown.test_finally_block_during_thread_exit
  test("with suspended greenlets, whose finally does not run, as in terminate()", async () => {
    expect(await printed("threads")).toEqual(["codes: 0 0 0"]);
  });
});

// 100 VersionTests.test_version
test("the version is that of the package", async () => {
  const file = new URL("../../package.json", import.meta.url);
  const { default: exported } = await import("@cordage/greenlet/package.json", { with: { type: "json" } });
  expect(exported.version).toBe(JSON.parse(readFileSync(file, "utf8")).version);
});
