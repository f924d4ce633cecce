/**
 * Which tree of processes this one belongs to, for the sake of its tracker. A tree is named by its root: the process
 * id and the moment it began. `@cordage/process` hands the name to its children through the environment; the name of
 * the parent beside it keeps a program that a child merely runs, and which inherits its environment, out of the tree.
 */
import { beforeFork } from "../after-fork.js";
import { native } from "../native.js";

const VARIABLE = "CORDAGE_TRACKER";

export interface Root {
  readonly pid: number;
  /** In clock ticks since boot. */
  readonly start: number;
}

function inherited(): Root | undefined {
  const [pid, start, parent] = (process.env[VARIABLE] ?? "").split(":").map(Number);
  return pid && start && parent === process.ppid ? { pid, start } : undefined;
}

// Looked at when the module loads: later the parent may be gone and another process be our parent.
let root = inherited();
// A forked child stays in the tree of its parent.
beforeFork(ownRoot);

/** The root of this process's tree. */
export function ownRoot(): Root {
  root ??= { pid: process.pid, start: native.taskStart(process.pid) };
  return root;
}

/** What a child must find in its environment to belong to this tree. */
export function trackerEnvironment(): Record<string, string> {
  const { pid, start } = ownRoot();
  return { [VARIABLE]: `${pid}:${start}:${process.pid}` };
}
