/** Runs a program of test/fixtures in a process of its own. */
import { fileURLToPath } from "node:url";
import * as program from "@cordage/test-support";
import { afterAll } from "@jest/globals";

afterAll(program.endLeftOver);

export function fixturePath(fixture: string): string {
  return fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
}

/** Starts a fixture; its stdin stays open until the test ends it. */
export function start(fixture: string, args?: string[], how?: program.How): program.Running {
  return program.start(fixturePath(fixture), args, how);
}

/** The value that a fixture prints as JSON; it must have ended well and quietly. */
export async function reportOf(running: program.Running): Promise<any> {
  const { stdout, ...end } = await running.ended;
  if (end.code !== 0 || end.stderr !== "") throw new Error(JSON.stringify({ stdout, ...end }));
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

/** Runs a fixture to its end, and gives what it prints last, as JSON. */
export function report(fixture: string, args?: string[], how?: program.How): Promise<any> {
  const running = start(fixture, args, how);
  running.child.stdin!.end();
  return reportOf(running);
}
