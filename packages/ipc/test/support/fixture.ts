/** Runs a program of test/fixtures in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

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
  /** The next line that it prints. */
  line(): Promise<string>;
  /** Once it has ended and everybody who had its stderr, its tracker too, has closed it. */
  ended: Promise<Ended>;
}

export interface How {
  /** Runs in bash before the program replaces it: "ulimit -n 64". */
  first?: string;
  flags?: string[];
  env?: Record<string, string>;
}

function command(fixture: string, args: string[], how: How): [string, string[]] {
  const file = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  const node = [process.execPath, ...(how.flags ?? []), file, ...args];
  return how.first ? ["bash", ["-c", `${how.first}; exec "$@"`, "bash", ...node]] : [node[0]!, node.slice(1)];
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  for await (const line of createInterface({ input: child.stdout! })) yield line;
}

/** Starts a fixture; its stdin stays open until the test ends it. */
export function start(fixture: string, args: string[] = [], how: How = {}): Running {
  const [file, argv] = command(fixture, args, how);
  const env = { ...process.env, NODE_OPTIONS: "", ...how.env };
  const child = spawn(file, argv, { stdio: "pipe", env, timeout: LONGEST_LIFE, killSignal: "SIGKILL" });
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

/** Runs a fixture to its end. */
export function run(fixture: string, args: string[] = [], how: How = {}): Promise<Ended> {
  const running = start(fixture, args, how);
  running.child.stdin!.end();
  return running.ended;
}
