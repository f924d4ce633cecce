/** Contexts, main modules and surroundings. */
import * as cordage from "@cordage/process";
import { describe, expect, test } from "@jest/globals";
import { fixturePath, methods, reports } from "../support/program.js";

// 256 MiscTestCase.test__all__
test("the package exports these names", () => {
  expect(Object.keys(cordage).sort()).toEqual(
    [
      ..."BootstrapError Process ProcessError SystemExit activeChildren cpuCount currentProcess exit".split(" "),
      ..."getAllStartMethods getContext getStartMethod isMain parentProcess setForkserverPreload".split(" "),
      "setStartMethod",
    ].sort(),
  );
});

// 210 TestStartMethod.test_get_all, 211 test_get_all_start_methods
test("every start method is listed, the default one first", () => {
  expect([...methods].sort()).toEqual(["fork", "forkserver", "spawn", "thread"]);
  expect(cordage.getStartMethod()).toBe(methods[0]);
  expect(methods[0]).not.toBe("fork");
});

describe.each(methods)("with start method %s", (method) => {
  // 205 TestStartMethod.test_context, 206 test_spawn_dont_set_context, 209 test_set_get
  test("a context is fixed, and the default is set once unless by force", async () => {
    const set = "ERR_START_METHOD_SET";
    expect(await reports("start-methods.mjs", method)).toEqual([
      method,
      method,
      [
        ...[true, true, methods[0], set, set, "done", set, true, true, "Process-2"],
        ...["done", "spawn", "ERR_START_METHOD", "ERR_START_METHOD"],
      ],
    ]);
  });

  // 261 MiscTestCase.test_preload_main_sys_argv, 254 _TestSpawnedSysPath.test_child_sys_path
  test("a child has its parent's arguments, directory and environment of the moment", async () => {
    const cwd = fixturePath("");
    const argv = ["word", "last"];
    const early = [5, "last"];
    const dir = cwd.replace(/\/$/, "");
    expect(await reports("where.mjs", method, { cwd: dir, args: argv })).toEqual([
      [early, [method, ...argv], dir, ["1", null, "not yet"], false],
      [early, [method, ...argv], dir.replace(/\/fixtures$/, ""), ["changed", "a = b\nc", null], false],
    ]);
  });

  // 198 TestFlags.test_flags
  test("a child, and a child of that, run with the flags of the main program", async () => {
    const flags = ["--no-deprecation", "--stack-trace-limit=7"];
    expect(await reports("flags.mjs", method, { flags })).toEqual([Array(3).fill([true, 7])]);
  });

  // 262 MiscTestCase.test_preload_main_large_sys_argv
  test("five thousand arguments on the command line are no hindrance", async () => {
    const args = [...Array(5000).fill("x".repeat(40)), "last"];
    expect(await reports("long-command-line.mjs", method, { args })).toEqual(["5004 5004 last"]);
  });

  // 265 test_basic_script, 266 test_basic_script_no_suffix, 269 test_directory, 276 test_package, 260 test_preload_main
  test.each([
    ["a CommonJS module", "common-js.cjs"],
    ["a folder whose package.json names the main module", "package-directory"],
    ["a module named without its extension", "package-directory/main"],
    ["a script without an extension", "package-directory/no-extension"],
  ])("%s is a main program", async (_, program) => {
    expect(await reports(program, method)).toEqual(["f 2 false", "exit code 0"]);
  });

  test("a TypeScript program runs with a loader that --import registers", async () => {
    const flags = ["--disable-warning=DeprecationWarning", "--import", fixturePath("typescript/register.mjs")];
    expect(await reports("typescript/main.mts", method, { flags })).toEqual(["f 2 false", "exit code 0"]);
  });

  const strips = (process.features as { typescript?: unknown }).typescript === "strip";
  test(`a TypeScript program ${strips ? "runs as it is" : "fails where node does not strip types"}`, async () => {
    const flags = ["--disable-warning=ExperimentalWarning"];
    const ran = reports("typescript/main.mts", method, { flags });
    if (strips) expect(await ran).toEqual(["f 2 false", "exit code 0"]);
    else await expect(ran).rejects.toThrow("ERR_UNKNOWN_FILE_EXTENSION");
  });
});
