/** Children by fork, for programs that kill thousands: a millisecond each. Needs node --single-threaded --v8-pool-size=0. */
import { native, prepareFork, renewAfterFork } from "@cordage/ipc/sys";

/** Runs `work` in a child; returns its pid. */
export function forked(work) {
  prepareFork();
  const pid = native.fork();
  if (pid !== 0) return pid;
  let status = 1;
  try {
    renewAfterFork();
    work();
    status = 0;
  } catch (error) {
    console.error(error);
  }
  return native.exitNow(status);
}

/** Waits for a child's end: its exit status, negated signal if it was killed. */
export function reap(pid) {
  const status = new Int32Array(1);
  native.waitpid(pid, 1, status);
  return status[0];
}
