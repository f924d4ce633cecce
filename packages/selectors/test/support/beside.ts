/** Programs that have a socket of ours from the start. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Socket } from "@cordage/selectors";
import { mark, type Running } from "@cordage/test-support";
import { fixturePath } from "./fixture.js";

function beside(fixture: string, socket: Socket, args: string[], output: "inherit" | "pipe"): ChildProcess {
  const stdio = ["ignore", output, output, socket.fileno()] as const;
  const env = { ...process.env, ...mark };
  const child = spawn(process.execPath, [fixturePath(fixture), ...args], { stdio: [...stdio], env });
  socket.close();
  return child;
}

/** Runs a fixture whose descriptor 3 is the socket, which is closed here. */
export function runWith(fixture: string, socket: Socket, args: string[] = []): ChildProcess {
  return beside(fixture, socket, args, "inherit");
}

/** As {@link runWith}, and hears what it says. */
export function startWith(fixture: string, socket: Socket, args: string[] = []): Running {
  const child = beside(fixture, socket, args, "pipe");
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]!.on("data", (text) => {
      texts[name] += text;
    });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const whole = new Promise<Awaited<Running["ended"]>>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, ...texts }));
  });
  return { child, line: async () => (await lines.next()).value ?? "", ended: whole };
}

/** Its exit status, or the signal's name. */
export async function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode ?? child.signalCode!;
}
