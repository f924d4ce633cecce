/** Runs a program of test/fixtures as users run theirs: with node, once for each start method. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { getAllStartMethods, type StartMethod } from "@cordage/process";
import { afterAll, expect, jest } from "@jest/globals";

/** Generous: a busy machine takes long to start processes, and a test that hangs must say so all the same. */
jest.setTimeout(60_000);

/** Every law holds for each of them. */
export const methods = getAllStartMethods();
/** Those whose children are processes of their own, with a pid, a signal disposition and descriptors. */
export const processMethods = methods.filter((method) => method !== "thread");

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
  ended: Promise<Ended>;
}

export interface How {
  /** Runs in bash before the program replaces it: "ulimit -n 64". */
  first?: string;
  flags?: string[];
  env?: Record<string, string>;
  cwd?: string;
  args?: string[];
}

/** Marks every process that this test file brings about, in its environment. */
const mark = `CORDAGE_TEST_MARK=${randomUUID()}`;

export function fixturePath(fixture: string): string {
  return fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
}

function command(fixture: string, method: StartMethod, how: How): [string, string[]] {
  const flags = [...(method === "fork" ? ["--single-threaded", "--v8-pool-size=0"] : []), ...(how.flags ?? [])];
  const node = [process.execPath, ...flags, fixturePath(fixture), method, ...(how.args ?? [])];
  return how.first ? ["bash", ["-c", `${how.first}; exec "$@"`, "bash", ...node]] : [node[0]!, node.slice(1)];
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  for await (const line of createInterface({ input: child.stdout! })) yield line;
}

export function start(fixture: string, method: StartMethod, how: How = {}): Running {
  const [file, argv] = command(fixture, method, how);
  const [variable, value] = mark.split("=") as [string, string];
  const env = { ...process.env, NODE_OPTIONS: "", ...how.env, [variable]: value };
  const child = spawn(file, argv, { stdio: "pipe", env, cwd: how.cwd });
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

/** Runs a program until it, and everybody who had its output, has ended. */
export function run(fixture: string, method: StartMethod, how: How = {}): Promise<Ended> {
  return start(fixture, method, how).ended;
}

/** The values that a program printed, one line of JSON each; it must have ended well and quietly. */
export async function reports(fixture: string, method: StartMethod, how: How = {}): Promise<any[]> {
  const { code, signal, stdout, stderr } = await run(fixture, method, how);
  expect({ code, signal, stderr, stdout: stdout && "..." }).toEqual({
    code: 0,
    signal: null,
    stderr: "",
    stdout: expect.any(String),
  });
  return stdout.split("\n").filter(Boolean).map(parsed);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

/** The command lines of marked processes that still run. */
function leftOver(): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark)) return [];
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ")}`];
    } catch {
      return []; // ended meanwhile
    }
  });
}

/** Waits for the end of every process that the tests of this file brought about. */
export async function allGone(patience = 10_000): Promise<void> {
  const deadline = performance.now() + patience;
  while (leftOver().length > 0 && performance.now() < deadline) await new Promise((go) => setTimeout(go, 5));
  expect(leftOver()).toEqual([]);
}

afterAll(async () => {
  try {
    await allGone();
  } finally {
    for (const line of leftOver()) process.kill(Number.parseInt(line, 10), "SIGKILL");
  }
});
