/** Throws into a greenlet from the event loop, wherever it waits. */
import type { Greenlet } from "@cordage/greenlet";
import { runNow } from "./hub.js";
import { throwFromHub } from "./switch-from-hub.js";

/** Now, if this is a callback of the event loop; otherwise soon. One that has ended by then is left alone. */
export function interrupt(greenlet: Greenlet, error: unknown): void {
  runNow({ run: () => throwFromHub(greenlet, error) });
}
