/** What an owner is called when a lock is printed: Python's words. */
import { currentOwner } from "./owner.js";

let name = "MainProcess";

/** `@cordage/process` says who we are. */
export function setProcessName(own: string): void {
  name = own;
}

export function ownerLabel(tid: number): string {
  if (tid === 0) return "None";
  if (tid === currentOwner().tid) return name;
  return "SomeOtherProcess";
}
