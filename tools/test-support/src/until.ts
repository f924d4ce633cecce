import { setTimeout as sleep } from "node:timers/promises";

/** Resolves with what `look` returns once it is true: for what changes elsewhere without telling. */
export async function until<T>(look: () => T): Promise<Awaited<T>> {
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    await sleep(2);
  }
}
