/** What lists and arrays have in common. */
import type { Items } from "../internal/synchronous.js";

function indexOf(name: string): number | undefined {
  return /^-?\d+$/.test(name) ? Number(name) : undefined;
}

/** `sync[index]`. */
export const byIndex: Items = {
  get(name) {
    const index = indexOf(name);
    return index === undefined ? undefined : ["get", index];
  },
  set(name, value) {
    const index = indexOf(name);
    return index === undefined ? undefined : ["set", index, value];
  },
};

interface Indexed {
  slice(start: number, end: number): Promise<ArrayLike<unknown>>;
}

/** One item after the other, each as it is when its turn comes. */
export async function* indexed(proxy: Indexed): AsyncGenerator<unknown, void, undefined> {
  for (let i = 0; ; i++) {
    const found = await proxy.slice(i, i + 1);
    if (found.length === 0) return;
    yield found[0];
  }
}
