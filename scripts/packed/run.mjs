// Runs a program to its end and keeps what it printed.
import { spawnSync } from "node:child_process";
import { environment } from "../workspace.mjs";

/** What the program printed on stdout, and what is wrong: undefined if it ended with 0. */
export function run(command, args, options) {
  const settings = { encoding: "utf8", env: environment, timeout: 300_000, ...options };
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, settings);
  const reason = error?.message ?? signal ?? status;
  const problem = status === 0 ? undefined : `${command} ended with ${reason}\n${stdout}${stderr}`;
  return { stdout, stderr, problem };
}
