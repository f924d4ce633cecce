/** No error is lost: what nobody has asked for is printed once its result is gone, or at the end of the process. */
import { inspect } from "node:util";

interface Lost {
  readonly error: unknown;
}

const waiting = new Map<object, Lost>();
const byResult = new WeakMap<object, Lost>();
const collected = new FinalizationRegistry<Lost>((lost) => {
  if (waiting.delete(lost)) print(lost);
});

function print({ error }: Lost): void {
  try {
    process.stderr.write(`a task of a pool failed, and nobody asked for its result:\n${inspect(error)}\n`);
  } catch {
    // Nobody is left to tell.
  }
}

let arranged = false;

function arrange(): void {
  if (arranged) return;
  arranged = true;
  process.on("exit", () => {
    for (const lost of waiting.values()) print(lost);
  });
}

/** A result has failed, and nobody waits for it. */
export function unobserved(result: object, error: unknown): void {
  arrange();
  const lost = { error };
  waiting.set(lost, lost);
  byResult.set(result, lost);
  collected.register(result, lost, result);
}

/** Somebody has asked. */
export function observed(result: object): void {
  const lost = byResult.get(result);
  if (!lost) return;
  waiting.delete(lost);
  byResult.delete(result);
  collected.unregister(result);
}
