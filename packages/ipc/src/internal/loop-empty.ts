/** When the event loop has nothing left that could happen, while something is still waited for. */

const waiting = new Set<() => void>();

function tell(): void {
  for (const one of [...waiting]) one();
}

/** Calls `fn` each time the event loop has run empty. Returns what ends that. */
export function whenLoopIsEmpty(fn: () => void): () => void {
  if (waiting.size === 0) process.on("beforeExit", tell);
  waiting.add(fn);
  return () => {
    waiting.delete(fn);
    if (waiting.size === 0) process.off("beforeExit", tell);
  };
}
