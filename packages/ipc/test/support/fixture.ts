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

/** Runs a fixture to its end. */
export function run(fixture: string, args?: string[], how?: program.How): Promise<program.Ended> {
  return program.run(fixturePath(fixture), args, how);
}
