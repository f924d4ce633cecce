// Counts what passed and what failed, and closes with the one plain line that says so.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./workspace.mjs";

/** Where the counts are left for whoever runs several commands: "PASSED FAILED". */
export const totalFile = path.join(root, ".results/total");

export class Tally {
  passed = 0;
  failed = 0;

  constructor() {
    rmSync(totalFile, { force: true });
  }

  add(passed, failed) {
    this.passed += passed;
    this.failed += failed;
  }

  /** One check that is one thing; `problem` is what is wrong with it, if anything is. */
  check(name, problem) {
    if (problem) console.error(`failed: ${name}: ${problem}`);
    this.add(problem ? 0 : 1, problem ? 1 : 0);
  }

  /** Prints the closing line and ends this process. */
  close() {
    mkdirSync(path.dirname(totalFile), { recursive: true });
    writeFileSync(totalFile, `${this.passed} ${this.failed}\n`);
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed === 0 ? 0 : 1;
  }
}
