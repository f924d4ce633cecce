/**
 * The start method `fork`: a copy of the calling process, closures and all. Nothing is encoded.
 *
 * The child runs its target inside start(), on the stack that it was forked with, and leaves through _exit: the caller's
 * code never goes on in it. A target that turns out to be async needs the event loop, and so that stack must go: start()
 * throws ForkedChild, which is meant for nobody. What the parent had under way (timers, handles, listeners of `exit`
 * and of errors) is the parent's and ends in the child.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { isMainThread } from "node:worker_threads";
import { checked, native, prepareFork } from "@cordage/ipc/sys";
import { ProcessError } from "../errors.js";
import { runCopied } from "./child.js";
import { FORKABLE, POOL_COUNTS } from "./forkable.js";
import { renewProcess } from "./forked.js";
import { ForkedChild } from "./forked-child.js";
import { clearTimersBefore, timerMark } from "./inherited-timers.js";
import { DirectChild, type Launched, type LaunchRequest } from "./launched.js";

function checkForkable(): void {
  if (!isMainThread)
    throw new ProcessError(
      "ERR_FORK_NEEDS_SINGLE_THREAD",
      "cannot fork: a worker thread's process has other threads; use spawn",
    );
  const given = process.execArgv.map((flag) => flag.replaceAll("_", "-"));
  if (given.includes("--single-threaded") && (!POOL_COUNTS || given.includes("--v8-pool-size=0"))) return;
  const advice = `start this program as \`node ${FORKABLE.join(" ")}\`, or use forkserver`;
  throw new ProcessError(
    "ERR_FORK_NEEDS_SINGLE_THREAD",
    `cannot fork: V8 has threads in this process, which do not survive it; ${advice}, received flags ${process.execArgv.join(" ") || "none"}`,
  );
}

const inTarget = new AsyncLocalStorage<true>();

interface ActiveHandles {
  _getActiveHandles(): Array<{ unref?(): void; destroy?(): void; close?(): void; removeAllListeners?(): void }>;
}

/** The parent's sockets, servers and watchers: closing a copy of a descriptor leaves the parent's open. */
function dropHandles(): void {
  for (const handle of (process as unknown as ActiveHandles)._getActiveHandles()) {
    if ((handle as unknown) === process.stdout || (handle as unknown) === process.stderr) continue;
    handle.removeAllListeners?.();
    handle.unref?.();
    if (handle.destroy) handle.destroy();
    else handle.close?.();
  }
}

function dropListeners(): void {
  for (const event of ["exit", "beforeExit", "uncaughtException", "unhandledRejection"])
    process.removeAllListeners(event);
}

/** The parent's code, while it is unwound, may call process.exit() in a catch block: in the child that is not its to say. */
function onlyTheTargetExits(): void {
  const exit = process.exit;
  process.exit = (...status) => {
    if (!inTarget.getStore()) throw new ForkedChild();
    return exit.apply(process, status);
  };
}

function runInChild(request: LaunchRequest, life: number): never {
  dropListeners();
  dropHandles();
  renewProcess(false);
  const mark = timerMark();
  inTarget.run(true, () => runCopied(request.identity, life, request.run));
  clearTimersBefore(mark);
  onlyTheTargetExits();
  throw new ForkedChild();
}

export function launchFork(request: LaunchRequest): Launched {
  checkForkable();
  const ends = new Int32Array(2);
  checked(native.pipe(ends, 1), "pipe", "start a process");
  const [theirs, ours] = ends as unknown as [number, number];
  prepareFork();
  const pid = native.fork();
  if (pid === 0) {
    native.close(ours);
    runInChild(request, theirs);
  }
  native.close(theirs);
  if (pid < 0) native.close(ours);
  return new DirectChild(checked<number>(pid, "fork", "start a process"), ours);
}
