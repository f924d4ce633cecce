/** Runs the garbage collector, and the finalizers of what it has found. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { until } from "./until.js";

let gc: (() => void) | undefined;

/** Not before it is needed: the flag is for everything that runs in this process. */
function exposed(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

export async function collect(): Promise<void> {
  gc ??= exposed();
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Collects until `look` returns something true. */
export function untilCollected(look: () => Promise<boolean>): Promise<boolean> {
  return until(async () => {
    await collect();
    return look();
  });
}
