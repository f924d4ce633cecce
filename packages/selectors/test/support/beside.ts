/** Programs that have a socket of ours from the start. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "@cordage/selectors";
import { mark } from "@cordage/test-support";
import { fixturePath } from "./fixture.js";

/** Runs a fixture whose descriptor 3 is the socket, which is closed here. */
export function runWith(fixture: string, socket: Socket, args: string[] = []): ChildProcess {
  const stdio = ["ignore", "inherit", "inherit", socket.fileno()] as const;
  const env = { ...process.env, ...mark };
  const child = spawn(process.execPath, [fixturePath(fixture), ...args], { stdio: [...stdio], env });
  socket.close();
  return child;
}

/** Its exit status, or the signal's name. */
export async function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode ?? child.signalCode!;
}
