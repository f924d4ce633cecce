/** What happens when the event loop has nothing left to do: whoever waits for just that goes on; if nobody does, those that would wait forever are told. */
import { whenLoopIsEmpty } from "@cordage/ipc/sys";
import { isIdle } from "./hub.js";

const waiting = new Set<() => void>();
const stuck = new Set<() => void>();
let leave: (() => void) | undefined;

function tell(): void {
  if (!isIdle()) return;
  const those = waiting.size > 0 ? waiting : stuck;
  for (const one of [...those]) one();
  if (leave) setImmediate(() => undefined); // the loop does not look again unless it has turned
}

function listen(set: Set<() => void>, fn: () => void): () => void {
  set.add(fn);
  leave ??= whenLoopIsEmpty(tell);
  return () => {
    set.delete(fn);
    if (waiting.size > 0 || stuck.size > 0) return;
    leave?.();
    leave = undefined;
  };
}

/** Calls `fn` whenever nothing is left that could run. Returns what ends that. */
export const whenNothingIsLeft = (fn: () => void): (() => void) => listen(waiting, fn);

/** As {@link whenNothingIsLeft}, unless somebody waits for that. */
export const whenStuck = (fn: () => void): (() => void) => listen(stuck, fn);
