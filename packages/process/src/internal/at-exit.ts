/**
 * What Python does when a process ends: daemons are terminated, the others are waited for.
 * Source: CPython multiprocessing/util.py `_exit_function`.
 */
import { running } from "./child-process.js";
import { SIGKILL, SIGTERM } from "./signals.js";

/** How long a daemon may take over SIGTERM before it gets SIGKILL, in milliseconds. */
const GRACE = 1000;

function endChildren(): void {
  const children = [...running];
  const daemons = children.filter((child) => child.daemon);
  for (const child of daemons) child.signal(SIGTERM);
  const deadline = performance.now() + GRACE;
  for (const child of daemons) {
    if (child.waitSync(deadline - performance.now())) continue;
    child.signal(SIGKILL);
    child.waitSync(Number.POSITIVE_INFINITY);
  }
  for (const child of children) child.waitSync(Number.POSITIVE_INFINITY);
}

let arranged = false;

/** Called at the first start: a process without children pays nothing. */
export function arrangeExit(): void {
  if (arranged) return;
  arranged = true;
  process.on("exit", endChildren);
}

/** A forked child has no children yet. */
export function forgetChildren(): void {
  running.clear();
}
