// The whole suite: format and lint, the types of the tests, every package's tests. It closes with one plain line that
// counts the tests and, as one each, the other checks. With --tests-only, as the name says. Other arguments go to
// turbo: `npm test -- --force` runs again what turbo knows to be unchanged, `npm test -- --filter=@cordage/ipc` runs
// one package's.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Tally } from "./tally.mjs";
import { environment, packageManager, projects, root } from "./workspace.mjs";

const testsOnly = process.argv.includes("--tests-only");
const turboArgs = process.argv.slice(2).filter((arg) => arg !== "--tests-only");
// One package at a time: many tests start processes, and two suites at once would only slow each other down.
const turboRun = ["--concurrency=1", "--continue", "--output-logs=new-only", ...turboArgs];
const resultOf = (project) => path.join(root, project, ".results/jest.json");
const tally = new Tally();

/** Runs a tool of the workspace; returns what went wrong. */
function tool(...args) {
  const options = { cwd: root, stdio: "inherit", env: environment };
  const { status, signal, error } = spawnSync("npx", ["--yes", packageManager, "exec", ...args], options);
  return status === 0 ? undefined : `it ended with ${error?.message ?? signal ?? status}`;
}

/** A suite that could not even start has no tests to count: it counts as one that failed. */
function countResults(project) {
  if (!existsSync(resultOf(project))) return;
  const result = JSON.parse(readFileSync(resultOf(project), "utf8"));
  tally.add(result.numPassedTests, result.numFailedTests + result.numRuntimeErrorTestSuites);
  for (const suite of result.testResults) explainFailures(suite);
}

function explainFailures({ name, message, assertionResults }) {
  const file = path.relative(root, name);
  const failed = assertionResults.filter(({ status }) => status === "failed");
  if (assertionResults.length === 0 && message) tally.explain(file, headOf(message));
  for (const { fullName, failureMessages } of failed) {
    tally.explain(`${file}: ${fullName}`, headOf(failureMessages.join("\n")));
  }
}

/** The first lines of a message, enough to know which failure it is; all of it is further up in the log. */
function headOf(message) {
  return stripVTControlCharacters(message).split("\n").slice(0, 15).join("\n  ");
}

for (const project of projects()) rmSync(resultOf(project), { force: true });

if (!testsOnly) tally.check("format and lint", tool("biome", "check", "--error-on-warnings", "."));
if (!testsOnly) tally.check("types", tool("turbo", "run", "lint", ...turboRun));
const problem = tool("turbo", "run", "test", ...turboRun);
const failedBefore = tally.failed;
for (const project of projects()) countResults(project);
// A build that fails leaves no results behind.
if (problem && tally.failed === failedBefore) tally.check("tests", problem);
tally.close();
