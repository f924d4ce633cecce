/** From the event loop to a greenlet. */
import { Greenlet as Raw } from "@cordage/greenlet";
import { noteGreenlet } from "./held-too-long.js";
import { report } from "./report.js";

/** An error that comes back is that of a plain greenlet, whose parent is the hub: others keep theirs. */
export function switchFromHub(greenlet: Raw, ...args: unknown[]): void {
  noteGreenlet(greenlet);
  try {
    greenlet.switch(...args);
  } catch (error) {
    report(greenlet, error);
  }
}

/** Has one that has not begun begin. @returns why it could not: there was no memory for another stack */
export function beginFromHub(greenlet: Raw, ...args: unknown[]): unknown {
  noteGreenlet(greenlet);
  try {
    greenlet.switch(...args);
  } catch (error) {
    if (!hasBegun(greenlet)) return error;
    report(greenlet, error);
  }
  return undefined;
}

/** Whatever its class says of it. */
function hasBegun(greenlet: Raw): boolean {
  return Reflect.get(Raw.prototype, "started", greenlet);
}

/** Wherever it waits; one that has ended is left alone. */
export function throwFromHub(greenlet: Raw, error: unknown): void {
  if (greenlet.dead) return;
  noteGreenlet(greenlet);
  try {
    greenlet.throw(error);
  } catch (uncaught) {
    report(greenlet, uncaught);
  }
}
