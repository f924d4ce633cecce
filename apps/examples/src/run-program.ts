/** Runs one program in a node process of its own and judges what it printed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Program } from "./program.js";

export interface RunOptions {
  /** Milliseconds after which the program and all that it started are killed. */
  readonly limit: number;
  /** Called with every line as it comes. */
  readonly onLine?: (line: string, from: "stdout" | "stderr") => void;
}

export interface Verdict {
  /** What is wrong; empty if the program does what the document says. */
  readonly problems: readonly string[];
  readonly milliseconds: number;
}

/**
 * Runs the program to its end, or to the limit.
 *
 * It has ended when everything that it started has closed its output too, as a shell's pipe would see it.
 *
 * @example
 * const { problems } = await runProgram(catalogue[0], { limit: 30_000 });
 *
 * Blocks: never.
 */
export async function runProgram(program: Program, { limit, onLine }: RunOptions): Promise<Verdict> {
  const began = performance.now();
  const child = start(program);
  const killed = killAfter(child, limit);
  const out = collect(child.stdout!, (line) => onLine?.(line, "stdout"));
  const err = collect(child.stderr!, (line) => onLine?.(line, "stderr"));
  const [status, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  const problems = killed.stop()
    ? [`it did not end within ${limit / 1000} s and was killed`]
    : judge(program, child.pid!, status, signal, await out, await err);
  return { problems, milliseconds: performance.now() - began };
}

/** In a process group of its own, so that the limit reaches its children too. */
function start(program: Program): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, fileURLToPath(program.module)], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function killAfter(child: ChildProcess, limit: number): { stop(): boolean } {
  let late = false;
  const kill = () => killGroup(child.pid!);
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, limit);
  // A group of its own does not get the terminal's Ctrl-C: the runner's end must be the program's.
  process.once("exit", kill);
  return {
    stop() {
      clearTimeout(timer);
      process.off("exit", kill);
      return late;
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function collect(stream: Readable, onLine: (line: string) => void): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines.push(line);
    onLine(line);
  }
  return lines;
}

function judge(
  program: Program,
  pid: number,
  status: number | null,
  signal: NodeJS.Signals | null,
  lines: string[],
  errors: string[],
): string[] {
  const problems = [];
  if (signal) problems.push(`it was killed by ${signal}`);
  else if (status !== 0) problems.push(`it exited with ${status}`);
  if (errors.length > 0) problems.push("it wrote to stderr");
  const wrong = program.expectation({ lines, pid, parentPid: process.pid });
  if (wrong) problems.push(wrong);
  return problems;
}
