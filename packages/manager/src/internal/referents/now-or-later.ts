/** Trying at once, and waiting only where that failed. */
import type { Caller } from "../server/caller.js";
import type { WaitingLine } from "../server/waiting-line.js";

/** Whether the caller has got what it tried to, or gets it from the line within `timeout` milliseconds. */
export function nowOrLater(
  now: boolean,
  waiting: WaitingLine<true>,
  caller: Caller,
  timeout: number,
): boolean | Promise<boolean> {
  if (now) return true;
  if (timeout <= 0) return false;
  return waiting.wait(caller, timeout).then((got) => got === true);
}
