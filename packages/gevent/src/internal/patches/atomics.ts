/** `Atomics.wait` that the greenlet waits in. */

import { wait } from "../../wait.js";
import { LONGEST_TIMER } from "../timer.js";
import { type Patched, patch } from "./patch.js";

/** ES2024, which Node has had for long. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(array: Int32Array, index: number, value: number, timeout?: number): { async: boolean; value: unknown };
};

export function patchAtomics(): Patched[] {
  return [patch("Atomics", Atomics, "wait", waitInstead)!];
}

function waitInstead(array: Int32Array, index: number, value: number, timeout?: number): unknown {
  const result = waitAsync(array, index, value, timeout);
  return result.async ? waitFor(result.value as Promise<string>, array, index) : result.value;
}

/** It is another thread that ends it, or V8's own timer: of neither the event loop knows. */
function waitFor(notified: Promise<string>, array: Int32Array, index: number): string {
  const holdsTheLoop = setInterval(() => undefined, LONGEST_TIMER);
  try {
    return wait(notified);
  } catch (error) {
    passOn(notified, array, index);
    throw error;
  } finally {
    clearInterval(holdsTheLoop);
  }
}

/** There is no leaving the line: whoever was interrupted there is notified some day, and then the next one is. */
function passOn(notified: Promise<string>, array: Int32Array, index: number): void {
  notified.then((how) => {
    if (how === "ok") Atomics.notify(array, index, 1);
  });
}
