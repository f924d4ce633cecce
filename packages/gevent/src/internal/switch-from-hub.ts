/** From the event loop to a greenlet. */
import type { Greenlet } from "@cordage/greenlet";
import { noteGreenlet } from "./held-too-long.js";
import { report } from "./report.js";

/** An error that comes back is that of a plain greenlet, whose parent is the hub: others keep theirs. */
export function switchFromHub(greenlet: Greenlet, ...args: unknown[]): void {
  noteGreenlet(greenlet);
  try {
    greenlet.switch(...args);
  } catch (error) {
    report(greenlet, error);
  }
}

/** Wherever it waits; one that has ended is left alone. */
export function throwFromHub(greenlet: Greenlet, error: unknown): void {
  if (greenlet.dead) return;
  noteGreenlet(greenlet);
  try {
    greenlet.throw(error);
  } catch (uncaught) {
    report(greenlet, uncaught);
  }
}
