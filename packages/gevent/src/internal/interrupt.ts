/** Throws into a greenlet from the event loop, wherever it waits. */
import type { Greenlet } from "@cordage/greenlet";
import { runNow, schedule } from "./hub.js";
import { throwFromHub } from "./switch-from-hub.js";

/** Now, if this is a callback of the event loop; otherwise soon. One that has ended by then is left alone. */
export function interrupt(greenlet: Greenlet, error: unknown): void {
  runNow({ run: () => throwFromHub(greenlet, error) });
}

/** How many errors are to be thrown into each soon. */
const coming = new WeakMap<Greenlet, number>();

/** Soon, wherever it waits by then. */
export function interruptSoon(greenlet: Greenlet, error: unknown): void {
  count(greenlet, 1);
  schedule({
    run: () => {
      count(greenlet, -1);
      throwFromHub(greenlet, error);
    },
  });
}

function count(greenlet: Greenlet, change: number): void {
  coming.set(greenlet, (coming.get(greenlet) ?? 0) + change);
}

/** Whether an error comes before what it waits for, if that is only given now. */
export const isInterrupted = (greenlet: Greenlet): boolean => (coming.get(greenlet) ?? 0) > 0;
