/** What an owner is called when a lock is printed: Python's words. */
import { existsSync } from "node:fs";
import { isMainThread, threadId } from "node:worker_threads";
import { currentOwner } from "./owner.js";

let name = "MainProcess";

/** `@cordage/process` says who we are. */
export function setProcessName(own: string): void {
  name = own;
}

export function ownerLabel(tid: number): string {
  if (tid === 0) return "None";
  if (tid === currentOwner().tid) return isMainThread ? name : `${name}|Thread-${threadId}`;
  return existsSync(`/proc/self/task/${tid}`) ? "SomeOtherThread" : "SomeOtherProcess";
}
