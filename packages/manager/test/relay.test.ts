/** Calls that block need nothing native: the same results by the native connection, by a relay, and without the native edge. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { endLeftOver, run } from "@cordage/test-support";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const PROGRAM = fileURLToPath(new URL("fixtures/few-calls.mjs", import.meta.url));
const packages = fileURLToPath(new URL("../..", import.meta.url));
const elsewhere = realpathSync(mkdtempSync(path.join(tmpdir(), "cordage-no-native-")));

afterAll(async () => {
  rmSync(elsewhere, { recursive: true });
  await endLeftOver();
});

/** The packages as they are installed, but for what node-gyp builds. */
beforeAll(() => {
  for (const name of ["ipc", "process", "pool", "manager"])
    for (const part of ["package.json", "dist"])
      cpSync(path.join(packages, name, part), path.join(elsewhere, "node_modules/@cordage", name, part), {
        recursive: true,
      });
  const require = createRequire(path.join(packages, "ipc/package.json"));
  const folder = path.dirname(require.resolve("node-gyp-build/package.json"));
  cpSync(realpathSync(folder), path.join(elsewhere, "node_modules/node-gyp-build"), { recursive: true });
  mkdirSync(path.join(elsewhere, "program"));
  cpSync(PROGRAM, path.join(elsewhere, "program/few-calls.mjs"));
});

const missing = ["IpcError", "ERR_NATIVE_MISSING", null];
const ways: { way: string; program: string; env: Record<string, string>; lock: unknown }[] = [
  { way: "the native connection", program: PROGRAM, env: {}, lock: false },
  { way: "a relay", program: PROGRAM, env: { CORDAGE_MANAGER_RELAY: "1" }, lock: false },
  {
    way: "what is there without the native edge",
    program: path.join(elsewhere, "program/few-calls.mjs"),
    env: {},
    lock: missing,
  },
];

describe.each(ways)("by $way,", ({ program, env, lock }) => {
  test.each(["unix", "tcp"])("calls of both forms result in the same, over %s", async (family) => {
    const { code, signal, stdout, stderr } = await run(program, [family], { env });
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: "" });
    const results = stdout.trim().split("\n");
    expect(results.map((line) => JSON.parse(line))).toEqual([
      lock,
      [{ a: 1, b: 2 }, 2, true, ["a", "b"]],
      [3, 3, [2, null], [1, 2, 4]],
      [true, true],
      [
        ["RangeError", "ERR_OUT_OF_RANGE", "ERR_REMOTE"],
        ["RangeError", "ERR_OUT_OF_RANGE"],
      ],
      [
        ["QueueEmpty", "ERR_QUEUE_EMPTY", "ERR_REMOTE"],
        ["CodecError", "ERR_NOT_SERIALIZABLE", null],
      ],
      [true, false, true, null],
      [true, true],
      [["ManagerError", "ERR_MANAGER_CLOSED", null], 0],
    ]);
  });
});
