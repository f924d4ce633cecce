// `npm run test:nodes [-- MAJOR...]`: every test on every version of Node that is supported, then a table.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { environmentOf, installNode } from "./node-versions.mjs";
import { failuresFile, Tally, totalFile } from "./tally.mjs";
import { root } from "./workspace.mjs";

const supported = [20, 22, 24, 26];
const args = process.argv.slice(2);
const majors = args.length > 0 ? args.map(Number) : supported;
const unknown = args.find((arg) => !supported.includes(Number(arg)));
if (unknown !== undefined) {
  console.error(`cannot test on Node ${unknown}: supported are ${supported.join(", ")}`);
  process.exit(2);
}

function runOn(major) {
  const home = installNode(major);
  const node = path.join(home, "bin/node");
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
  const began = Date.now();
  console.log(`\n# Node ${version}`);
  const options = { cwd: root, stdio: "inherit", env: environmentOf(home) };
  const { status } = spawnSync(node, [path.join(root, "scripts/test.mjs"), "--tests-only"], options);
  const [passed, failed] = existsSync(totalFile) ? readFileSync(totalFile, "utf8").split(" ").map(Number) : [0, 0];
  const failures =
    existsSync(failuresFile) && failed > 0 ? `# Node ${version}\n${readFileSync(failuresFile, "utf8")}` : "";
  const seconds = Math.round((Date.now() - began) / 1000);
  return { version, passed, failed: status !== 0 ? Math.max(failed, 1) : failed, failures, seconds };
}

const results = majors.map(runOn);
const tally = new Tally();
console.log("\nNode          passed  failed  seconds");
for (const { version, passed, failed, failures, seconds } of results) {
  tally.add(passed, failed, failures);
  console.log([version.padEnd(10), ...[passed, failed, seconds].map((n) => String(n).padStart(8))].join(""));
}
tally.close();
