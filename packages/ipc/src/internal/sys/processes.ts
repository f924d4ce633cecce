/** System calls on processes and threads. Each throws a SystemError { errno, code, syscall } where it fails. */
import { IpcError } from "../../errors.js";
import { prepareFork, renewAfterFork } from "../after-fork.js";
import { checked, INTERRUPTED, NO_PROCESS } from "../checked.js";
import { native } from "../native.js";

export interface SpawnOptions {
  /** Default: this process's. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** The child's descriptors 0, 1, 2 and so on; it gets no other one. Default: our 0, 1 and 2. */
  descriptors?: readonly number[];
  /** Makes it the leader of a session of its own, out of reach of the terminal's signals. */
  ownSession?: boolean;
}

function variables(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

/**
 * Runs a program, with signals as by default. The caller must wait for it with {@link waitpid}.
 * @param file a path; `argv[0]` is the name it is told
 * @returns its process id
 * @throws {SystemError} ENOENT, EACCES, EBADF, EMFILE
 */
export function spawn(file: string, argv: readonly string[], o: SpawnOptions = {}): number {
  const descriptors = Int32Array.from(o.descriptors ?? [0, 1, 2]);
  const env = variables(o.env ?? process.env);
  const pid = native.spawn(file, [...argv], env, o.cwd ?? "", descriptors, o.ownSession ? 1 : 0);
  return checked<number>(pid, "posix_spawn", `run ${file}`);
}

/**
 * The exit code of a child that has ended, -N where signal N ended it; undefined while it runs, unless `block`.
 * @throws {SystemError} ECHILD when it is no child of ours or was waited for
 */
export function waitpid(pid: number, o?: { block?: boolean }): number | undefined {
  const status = new Int32Array(1);
  let got: number;
  do got = native.waitpid(pid, o?.block ? 1 : 0, status);
  while (got === INTERRUPTED);
  return checked<number>(got, "waitpid") === 0 ? undefined : status[0];
}

/** A descriptor that is readable once the process has ended. @throws {SystemError} ESRCH */
export function pidfdOpen(pid: number): number {
  return checked<number>(native.pidfdOpen(pid), "pidfd_open");
}

/** Signals exactly that process, never one that got its id later. Signal 0 only asks. @throws {SystemError} ESRCH */
export function pidfdSignal(pidfd: number, signal: number): void {
  checked(native.pidfdSignal(pidfd, signal), "pidfd_send_signal");
}

/** The kernel's id of the calling thread; of the main thread it is the process id. */
export function gettid(): number {
  return native.gettid();
}

/** When a thread or process began, in clock ticks since boot; undefined once it has ended. Source: proc_pid_stat(5). */
export function taskStart(tid: number): number | undefined {
  const ticks = native.taskStart(tid);
  return ticks === NO_PROCESS ? undefined : checked<number>(ticks, "open", `look at thread ${tid}`);
}

/**
 * Forks this process. The child must end through `native.exitNow`, because the threads it would join are not there.
 * @returns 0 in the child, the child's id in the parent
 * @throws {IpcError} ERR_NOT_SINGLE_THREADED in a process that runs without --single-threaded
 * @throws {SystemError} EAGAIN, ENOMEM
 */
export function fork(): number {
  if (!process.execArgv.includes("--single-threaded"))
    throw new IpcError("ERR_NOT_SINGLE_THREADED", "cannot fork: node must have been started with --single-threaded");
  prepareFork();
  const pid = checked<number>(native.fork(), "fork");
  if (pid === 0) renewAfterFork();
  return pid;
}
