// Runs jest in the package that it is called from: ES modules need a flag, and the summary wants the counts as JSON.
// A test that failed may leave something behind that keeps the process: that must not keep who waits for the result.
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, watch } from "node:fs";
import { createRequire } from "node:module";

const FOLDER = ".results";
const RESULT = "jest.json";
/** For jest to end once it has written its result, in milliseconds. */
const PATIENCE = 20_000;

rmSync(`${FOLDER}/${RESULT}`, { force: true });
mkdirSync(FOLDER, { recursive: true });
const jest = createRequire(import.meta.url).resolve("jest/bin/jest");
const flags = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"];
const args = [...flags, jest, "--json", `--outputFile=${FOLDER}/${RESULT}`, ...process.argv.slice(2)];
const child = spawn(process.execPath, args, { stdio: "inherit" });

let limit;
const results = watch(FOLDER, (_, file) => {
  if (file === RESULT) limit ??= setTimeout(end, PATIENCE);
});
function end() {
  console.error("the tests have ended, but what they left behind keeps jest: it is killed");
  child.kill("SIGKILL");
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (status) => {
  results.close();
  clearTimeout(limit);
  process.exitCode = status ?? 1;
});
