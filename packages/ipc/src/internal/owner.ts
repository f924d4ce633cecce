/**
 * Who owns a lock: a thread, named by its kernel id (which for a main thread is the process id) and by the moment it
 * started, so that a recycled id is not taken for the owner. Both are the kernel's own, so nothing has to be kept
 * for processes that never met.
 *
 * Thread ids are below 2^22 (PID_MAX_LIMIT in linux/threads.h); the two top bits of a lock's word stay free.
 */
import { afterFork } from "./after-fork.js";
import { NO_PROCESS } from "./checked.js";
import { hasNative, native } from "./native.js";

export interface Owner {
  readonly tid: number;
  /** The low 32 bits of its start in clock ticks since boot; never 0. */
  readonly start: number;
}

/**
 * Looked up where the module is loaded, not where it is first asked for: a greenlet of `@cordage/greenlet` may have a thread of its own, which ends
 * before Node's, and whose lock would be taken for one whose owner has died.
 */
let thread = hasNative ? callingThread() : undefined;
let self = thread;
afterFork(() => {
  thread = self = callingThread();
});

function callingThread(): Owner {
  const tid = native.gettid();
  return { tid, start: startOf(native.taskStart(tid)) };
}

/** For the explorer of interleavings, which runs several parties on one thread: who the caller is from now on. */
export function impersonate(owner: Owner | undefined): void {
  self = owner ?? thread;
}

function startOf(ticks: number): number {
  return ticks | 0 || 1;
}

/** Node's thread that JavaScript runs on. @throws {IpcError} without the native edge */
export function currentOwner(): Owner {
  return self ?? callingThread();
}

/**
 * Whether the thread still runs. A zombie does not. A `start` of 0 means that the owner died, or was seen, before
 * it could write it: then the id alone decides.
 */
export function ownerLives(tid: number, start: number): boolean {
  const ticks = native.taskStart(tid);
  if (ticks === NO_PROCESS) return false;
  // Hidden or unreadable /proc: assume that it lives, an error here would break a lock that works.
  return ticks < 0 || start === 0 || startOf(ticks) === start;
}
