/**
 * Whether the stack engine works on this build of Node: found out in a process of its own, because where it does not, it crashes.
 *
 * The result is remembered: for worker threads that start later in the environment data, for later processes in a file that only this user may
 * read and write. Without such a file the test runs in each process.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import type { Requests } from "./native.js";

/** What scripts/self-test.cjs has counted if all went well. */
const EXPECTED = 482;
/** A child that hangs is ended then, in milliseconds. It takes a quarter of a second. */
const PATIENCE = 10_000;
/** A failure may have been the machine's: it is believed for a day, in milliseconds. */
const FAILURE_LASTS = 24 * 60 * 60 * 1000;

export interface SelfTest {
  /** File of the native edge. */
  addon: string;
  /** Program that tests it. */
  program: string;
  /** Bytes of a stack. */
  stackSize: number;
}

export interface Verdict {
  passed: boolean;
  requests?: Requests | undefined;
}

interface Remembered extends Verdict {
  at: number;
}

/** Never throws: what cannot be tested has not passed. */
export function verdictOf(test: SelfTest): Verdict {
  if (cannotRunScripts()) return { passed: false };
  try {
    const key = keyOf(test);
    const known = recalled(key);
    if (known) return known;
    const verdict = outcomeOf(test);
    remember(key, { ...verdict, at: Date.now() });
    return verdict;
  } catch {
    return { passed: false };
  }
}

/** Where the executable is an application, starting it again would start the application. */
function cannotRunScripts(): boolean {
  if (process.versions.electron) return true;
  const sea = process.getBuiltinModule("node:sea") as { isSea(): boolean } | undefined;
  return sea?.isSea() ?? false;
}

function outcomeOf({ addon, program, stackSize }: SelfTest): Verdict {
  // Without the options of this process, and what they preload; with the choice made, in case that this package is loaded all the same.
  const env = { ...process.env, NODE_OPTIONS: "", NODE_V8_COVERAGE: undefined, CORDAGE_GREENLET_ENGINE: "stack" };
  const { status, stdout } = spawnSync(process.execPath, ["--expose-gc", program, addon, String(stackSize)], {
    env,
    cwd: path.parse(program).root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: PATIENCE,
    killSignal: "SIGKILL",
  });
  const { sum, requests } = status === 0 ? said(stdout) : {};
  return { passed: sum === EXPECTED, requests };
}

function said(text: string): { sum?: number; requests?: Requests } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Another Node or another build of the addon is another key. */
function keyOf({ addon, program, stackSize }: SelfTest): string {
  const builds = [process.execPath, addon, program].flatMap((file) => {
    const { size, mtimeMs } = statSync(file);
    return [file, size, mtimeMs];
  });
  const { version, arch, versions } = process;
  const all = JSON.stringify([version, arch, versions.v8, versions.modules, stackSize, ...builds]);
  return `cordage-greenlet-${createHash("sha256").update(all).digest("hex").slice(0, 32)}`;
}

function recalled(key: string): Remembered | undefined {
  const inMemory = getEnvironmentData(key) as unknown as Remembered | undefined;
  return inMemory ?? fromFile(key);
}

function fromFile(key: string): Remembered | undefined {
  try {
    const { passed, at, requests } = JSON.parse(readFileSync(path.join(folder(), key), "utf8")) as Remembered;
    const believed = passed === true || (passed === false && Math.abs(Date.now() - at) < FAILURE_LASTS);
    return believed && (requests === undefined || isRequests(requests)) ? { passed, at, requests } : undefined;
  } catch {
    return undefined;
  }
}

function isRequests(value: unknown): value is Requests {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);
}

function remember(key: string, verdict: Remembered): void {
  setEnvironmentData(key, verdict as never);
  try {
    const file = path.join(folder(), key);
    const draft = `${file}.${process.pid}.${process.hrtime.bigint()}`;
    writeFileSync(draft, JSON.stringify(verdict), { flag: "wx", mode: 0o600 });
    renameSync(draft, file);
  } catch {
    // no place for it: the next process tests again
  }
}

/** Ours alone: what another user could write there would be believed. Throws where there is none. */
function folder(): string {
  for (const candidate of candidates()) {
    try {
      mkdirSync(candidate, { recursive: true, mode: 0o700 });
      const { uid, mode } = statSync(candidate);
      if (uid === process.getuid?.() && (mode & 0o022) === 0) return candidate;
    } catch {
      // the next one
    }
  }
  throw new Error("no folder to remember the self-test in");
}

function candidates(): string[] {
  const base = process.env.XDG_CACHE_HOME;
  const cache = base && path.isAbsolute(base) ? base : path.join(homedir(), ".cache");
  return [path.join(cache, "cordage-greenlet"), path.join(tmpdir(), `cordage-greenlet-${process.getuid?.()}`)];
}
