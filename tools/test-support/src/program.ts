/** Runs a program as users run theirs: with node, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { mark } from "./processes.js";

/** A child that hangs ends here, and fails its test, in milliseconds. */
const LONGEST_LIFE = 110_000;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** The next line that it prints; empty when there is none. */
  line(): Promise<string>;
  /** Once it has ended, and everybody who had its output has closed it. */
  ended: Promise<Ended>;
}

export interface How {
  /** Runs in bash before the program replaces it: "ulimit -n 64". */
  first?: string;
  flags?: string[];
  env?: Record<string, string>;
  cwd?: string;
}

function command(file: string, args: string[], how: How): [string, string[]] {
  const node = [process.execPath, ...(how.flags ?? []), file, ...args];
  return how.first ? ["bash", ["-c", `${how.first}; exec "$@"`, "bash", ...node]] : [node[0]!, node.slice(1)];
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  for await (const line of createInterface({ input: child.stdout! })) yield line;
}

/** Starts a program; its stdin stays open until the test ends it. */
export function start(file: string, args: string[] = [], how: How = {}): Running {
  const [executable, argv] = command(file, args, how);
  const env = { ...process.env, NODE_OPTIONS: "", ...how.env, ...mark };
  const child = spawn(executable, argv, {
    stdio: "pipe",
    env,
    cwd: how.cwd,
    timeout: LONGEST_LIFE,
    killSignal: "SIGKILL",
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    texts.stdout += text;
  });
  child.stderr.on("data", (text) => {
    texts.stderr += text;
  });
  const lines = linesOf(child);
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, ...texts }));
  });
  return { child, line: async () => (await lines.next()).value ?? "", ended };
}

/** Runs a program to its end; it finds nothing on stdin. */
export function run(file: string, args: string[] = [], how: How = {}): Promise<Ended> {
  const running = start(file, args, how);
  running.child.stdin!.end();
  return running.ended;
}
