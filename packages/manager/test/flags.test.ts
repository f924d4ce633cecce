/** Programs that node is not given as a file, or with flags: the server's process is not to run them again. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const cwd = fileURLToPath(new URL("..", import.meta.url));
const program = `import("@cordage/manager").then(async ({ Manager }) => {
  const manager = await Manager();
  const d = await manager.dict({ a: 1 });
  console.log(await d.get("a"), d.sync.get("a"));
  await manager.shutdown();
})`;

test.each<[string, string[], string]>([
  ["-e", ["-e", program], ""],
  ["--eval of a module", ["--input-type=module", "--eval", program], ""],
  ["standard input", [], program],
  ["standard input, as a module", ["--input-type=module"], program],
])("a program from %s", (_, args, input) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, input, encoding: "utf8" });
  expect([status, stdout, stderr]).toEqual([0, "1 1\n", ""]);
});

test("a profile of the program is its own", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "cordage-profile-"));
  try {
    const flags = ["--cpu-prof", "--cpu-prof-interval", "500", "--cpu-prof-dir", folder];
    const { status, stdout } = spawnSync(process.execPath, [...flags, "-e", program], { cwd, encoding: "utf8" });
    expect([status, stdout, readdirSync(folder).length]).toEqual([0, "1 1\n", 1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
