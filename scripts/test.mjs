// The whole suite: format and lint, the types of the tests, every package's tests. It closes with one plain line that
// counts the tests and, as one each, the other checks. Arguments go to turbo: `npm test -- --force` runs again what
// turbo knows to be unchanged, `npm test -- --filter=@cordage/ipc` runs one package's.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { environment, packageManager, projects, root } from "./workspace.mjs";

const turboArgs = process.argv.slice(2);
const resultOf = (project) => path.join(root, project, ".results/jest.json");
const total = { passed: 0, failed: 0 };

function tool(...args) {
  const options = { cwd: root, stdio: "inherit", env: environment };
  return spawnSync("npx", ["--yes", packageManager, "exec", ...args], options).status === 0;
}

function count(passed, failed) {
  total.passed += passed;
  total.failed += failed;
}

/** A check that is one thing: it counts as one test. */
function check(name, ok) {
  if (!ok) console.error(`failed: ${name}`);
  count(ok ? 1 : 0, ok ? 0 : 1);
}

/** A suite that could not even start has no tests to count: it counts as one that failed. */
function countResults(project) {
  if (!existsSync(resultOf(project))) return;
  const result = JSON.parse(readFileSync(resultOf(project), "utf8"));
  count(result.numPassedTests, result.numFailedTests + result.numRuntimeErrorTestSuites);
}

for (const project of projects()) rmSync(resultOf(project), { force: true });

check("format and lint", tool("biome", "check", "--error-on-warnings", "."));
// One package at a time: many tests start processes, and two suites at once would only slow each other down.
const all = ["--concurrency=1", "--continue", "--output-logs=new-only", ...turboArgs];
check("types", tool("turbo", "run", "lint", ...all));
const ok = tool("turbo", "run", "test", ...all);
for (const project of projects()) countResults(project);
if (!ok && total.failed === 0) check("turbo run test", false);

console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
