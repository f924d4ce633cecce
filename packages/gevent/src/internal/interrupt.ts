/** Throws into a greenlet from the event loop, wherever it waits. */
import type { Greenlet } from "@cordage/greenlet";
import { noteGreenlet } from "./held-too-long.js";
import { runNow } from "./hub.js";
import { report } from "./report.js";

/** Now, if this is a callback of the event loop; otherwise soon. One that has ended by then is left alone. */
export function interrupt(greenlet: Greenlet, error: unknown): void {
  runNow({ run: () => throwInto(greenlet, error) });
}

export function throwInto(greenlet: Greenlet, error: unknown): void {
  if (greenlet.dead) return;
  noteGreenlet(greenlet);
  try {
    greenlet.throw(error);
  } catch (uncaught) {
    report(greenlet, uncaught); // one that is none of ours: its error has come to its parent, which is the hub
  }
}
