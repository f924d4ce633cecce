// Counts what passed and what failed, and closes with what failed and the one plain line that counts.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./workspace.mjs";

/** Where the counts are left for whoever runs several commands: "PASSED FAILED". */
export const totalFile = path.join(root, ".results/total");
/** Where what failed is left for them, so that they can say it once more at the end of a long log. */
export const failuresFile = path.join(root, ".results/failures");

export class Tally {
  passed = 0;
  failed = 0;
  #failures = [];

  constructor() {
    for (const file of [totalFile, failuresFile]) rmSync(file, { force: true });
  }

  /** `failures`: what another tally has printed of them, if it had any. */
  add(passed, failed, failures = "") {
    this.passed += passed;
    this.failed += failed;
    if (failures) this.#failures.push(failures);
  }

  /** One check that is one thing; `problem` is what is wrong with it, if anything is. */
  check(name, problem) {
    this.add(problem ? 0 : 1, problem ? 1 : 0);
    if (problem) this.explain(name, problem);
  }

  /** Says what is wrong with something that is counted already. */
  explain(name, problem) {
    this.#failures.push(`failed: ${name}: ${problem}\n`);
  }

  /** Prints what failed and the closing line, and ends this process. */
  close() {
    mkdirSync(path.dirname(totalFile), { recursive: true });
    writeFileSync(totalFile, `${this.passed} ${this.failed}\n`);
    writeFileSync(failuresFile, this.#failures.join(""));
    process.stderr.write(this.#failures.join(""));
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed === 0 ? 0 : 1;
  }
}
