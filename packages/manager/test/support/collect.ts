/** Runs the garbage collector, and the finalizers of what it has found. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { until } from "@cordage/test-support";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

async function collect(): Promise<void> {
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
