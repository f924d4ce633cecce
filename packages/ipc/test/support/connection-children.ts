/** Children that get one end of a connection as descriptor 3. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Connection } from "@cordage/ipc";
import { fixturePath, run } from "./fixture.js";

/** Runs a fixture; `ends` become its descriptors 3, 4, ... and stay open here. */
export function runBeside(name: string, ends: Connection[], args: string[] = []): ChildProcess {
  const stdio = ["ignore", "inherit", "inherit", ...ends.map((end) => end.fileno())] as const;
  return spawn(process.execPath, [fixturePath(name), ...args], { stdio: [...stdio] });
}

/** Runs a fixture; `ends` become its descriptors 3, 4, ... and are closed here. */
export function runWith(name: string, ends: Connection[], args: string[] = []): ChildProcess {
  const child = runBeside(name, ends, args);
  for (const end of ends) end.close();
  return child;
}

/** Runs a fixture to its end; what it printed, errors first, without the last line break. */
export async function outputOf(name: string, args: string[]): Promise<string> {
  const { stdout, stderr } = await run(name, args);
  return (stderr + stdout).trimEnd();
}

/** Its exit status, or the signal's name. */
export async function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode ?? child.signalCode!;
}
