/** Whether descriptors of what is dropped, never closed, are closed when it is collected. For programs that run with --expose-gc. */
import { readdirSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";

const ROUNDS = 20;
const MOST_COLLECTIONS = 200;
const open = () => readdirSync("/proc/self/fd").length;

/** Uses something in each way many times, and drops it. @returns how many descriptors each way left open once all was collected */
export async function leftOpen<Way>(
  ways: Record<string, Way>,
  useAndDrop: (way: Way) => Promise<void>,
): Promise<Record<string, number>> {
  const left: Record<string, number> = {};
  for (const [name, way] of Object.entries(ways)) {
    await useAndDrop(way); // what is opened once, and kept
    const before = open();
    for (let i = 0; i < ROUNDS; i++) await useAndDrop(way);
    for (let i = 0; i < MOST_COLLECTIONS && open() > before; i++) {
      globalThis.gc!();
      await turn();
    }
    left[name] = Math.max(0, open() - before);
  }
  return left;
}
