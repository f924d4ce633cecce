/** Runs a program of test/fixtures as users run theirs: with node, in a process of its own. */
import { fileURLToPath } from "node:url";
import { getAllStartMethods, type StartMethod } from "@cordage/process";
import * as program from "@cordage/test-support";
import { afterAll, expect } from "@jest/globals";

afterAll(program.endLeftOver);

/** How the workers of a program's pools are started. */
export const methods = getAllStartMethods();

export interface How extends program.How {
  args?: string[];
}

function command(fixture: string, method: StartMethod, how: How): [string, string[], program.How] {
  const file = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  const flags = [...(method === "fork" ? ["--single-threaded", "--v8-pool-size=0"] : []), ...(how.flags ?? [])];
  return [file, [method, ...(how.args ?? [])], { ...how, flags }];
}

export function start(fixture: string, method: StartMethod, how: How = {}): program.Running {
  return program.start(...command(fixture, method, how));
}

/** Runs a program until it, and everybody who had its output, has ended. */
export function run(fixture: string, method: StartMethod, how: How = {}): Promise<program.Ended> {
  return program.run(...command(fixture, method, how));
}

/** The values that a program printed, one line of JSON each; it must have ended well and quietly. */
export async function reports(fixture: string, method: StartMethod, how: How = {}): Promise<any[]> {
  const { code, signal, stdout, stderr } = await run(fixture, method, how);
  expect({ code, signal, stderr, stdout }).toEqual({ code: 0, signal: null, stderr: "", stdout: expect.any(String) });
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
