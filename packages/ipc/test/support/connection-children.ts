/** Children that get one end of a connection as descriptor 3. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Connection } from "@cordage/ipc";

const fixtures = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../fixtures");

export function fixture(name: string): string {
  return path.join(fixtures, name);
}

/** Runs a fixture; `ends` become its descriptors 3, 4, ... and stay open here. */
export function runBeside(name: string, ends: Connection[], args: string[] = []): ChildProcess {
  const stdio = ["ignore", "inherit", "inherit", ...ends.map((end) => end.fileno())] as const;
  return spawn(process.execPath, [fixture(name), ...args], { stdio: [...stdio] });
}

/** Runs a fixture; `ends` become its descriptors 3, 4, ... and are closed here. */
export function runWith(name: string, ends: Connection[], args: string[] = []): ChildProcess {
  const child = runBeside(name, ends, args);
  for (const end of ends) end.close();
  return child;
}

/** Runs a fixture to its end; what it printed, without the last line break. */
export async function outputOf(name: string, args: string[]): Promise<string> {
  const child = spawn(process.execPath, [fixture(name), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (data) => {
    output += data;
  });
  await once(child, "close");
  return output.trimEnd();
}

/** Its exit status, or the signal's name. */
export async function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode ?? child.signalCode!;
}
