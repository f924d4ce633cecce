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

/** What scripts/self-test.cjs prints if all went well. */
const EXPECTED = "482\n";
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

interface Verdict {
  passed: boolean;
  at: number;
}

/** Never throws: what cannot be tested has not passed. */
export function passesSelfTest(test: SelfTest): boolean {
  if (cannotRunScripts()) return false;
  try {
    const key = keyOf(test);
    const known = recalled(key);
    if (known) return known.passed;
    const verdict = { passed: passes(test), at: Date.now() };
    remember(key, verdict);
    return verdict.passed;
  } catch {
    return false;
  }
}

/** Where the executable is an application, starting it again would start the application. */
function cannotRunScripts(): boolean {
  if (process.versions.electron) return true;
  const sea = process.getBuiltinModule("node:sea") as { isSea(): boolean } | undefined;
  return sea?.isSea() ?? false;
}

function passes({ addon, program, stackSize }: SelfTest): boolean {
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
  return status === 0 && stdout === EXPECTED;
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

function recalled(key: string): Verdict | undefined {
  const inMemory = getEnvironmentData(key) as unknown as Verdict | undefined;
  return inMemory ?? fromFile(key);
}

function fromFile(key: string): Verdict | undefined {
  try {
    const { passed, at } = JSON.parse(readFileSync(path.join(folder(), key), "utf8")) as Verdict;
    const believed = passed === true || (passed === false && Math.abs(Date.now() - at) < FAILURE_LASTS);
    return believed ? { passed, at } : undefined;
  } catch {
    return undefined;
  }
}

function remember(key: string, verdict: Verdict): void {
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
