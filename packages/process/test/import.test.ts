import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const cwd = fileURLToPath(new URL("..", import.meta.url));

test.each([
  ["an ES module", ["--input-type=module", "--eval", 'import "@cordage/process"']],
  ["a CommonJS module", ["--input-type=commonjs", "--eval", 'require("@cordage/process")']],
])("%s that only imports the package ends by itself and prints nothing", (_, args) => {
  const quiet = ["--disable-warning=ExperimentalWarning", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, quiet, { cwd, encoding: "utf8" });
  expect([status, stdout, stderr]).toEqual([0, "", ""]);
});
