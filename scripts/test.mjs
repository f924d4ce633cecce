// Runs every package's tests through turbo and closes with one plain line that counts them all.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const { packageManager } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

const projects = ["packages", "apps"].flatMap((folder) =>
  readdirSync(path.join(root, folder)).map((name) => path.join(root, folder, name)),
);
const resultOf = (project) => path.join(project, ".results/jest.json");
for (const project of projects) rmSync(resultOf(project), { force: true });

// One package at a time: many tests start processes, and two suites at once would only slow each other down.
const turbo = [
  "--yes",
  packageManager,
  "exec",
  "turbo",
  "run",
  "test",
  "--concurrency=1",
  "--continue",
  "--output-logs=new-only",
];
const { status } = spawnSync("npx", [...turbo, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });

let passed = 0;
let failed = 0;
for (const project of projects) {
  if (!existsSync(resultOf(project))) continue;
  const result = JSON.parse(readFileSync(resultOf(project), "utf8"));
  passed += result.numPassedTests;
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
}
if (status !== 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
