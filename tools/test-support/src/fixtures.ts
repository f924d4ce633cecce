/** Programs of a folder, as users run theirs: with node, each in a process of its own. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as program from "./program.js";

export interface Fixtures {
  fixturePath(fixture: string): string;
  /** Starts a program; its stdin stays open until the test ends it. */
  start(fixture: string, args?: string[], how?: program.How): program.Running;
  /** Runs a program to its end. */
  run(fixture: string, args?: string[], how?: program.How): Promise<program.Ended>;
  /** Runs a program to its end; as {@link reportOf}. */
  report(fixture: string, args?: string[], how?: program.How): Promise<any>;
}

export function fixturesIn(folder: URL): Fixtures {
  const fixturePath = (fixture: string) => fileURLToPath(new URL(fixture, folder));
  const start: Fixtures["start"] = (fixture, args, how) => program.start(fixturePath(fixture), args, how);
  return {
    fixturePath,
    start,
    run: (fixture, args, how) => program.run(fixturePath(fixture), args, how),
    report(fixture, args, how) {
      const running = start(fixture, args, how);
      running.child.stdin!.end();
      return reportOf(running);
    },
  };
}

/** The last value that a program prints, as JSON; it must have ended well and quietly. */
export async function reportOf(running: program.Running): Promise<any> {
  const { stdout, ...end } = await running.ended;
  assert.deepEqual(end, { code: 0, signal: null, stderr: "" }, `stdout: ${stdout}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}
