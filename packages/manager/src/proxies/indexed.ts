/** What lists and arrays have in common. */
import type { Items, Iterate, Perform } from "../internal/synchronous.js";

function indexOf(name: string): number | undefined {
  return /^-?\d+$/.test(name) ? Number(name) : undefined;
}

function lengthOf(perform: Perform): number {
  return perform(["length"]) as number;
}

/** `sync[index]`, from either end; the names are those of an array. */
export const byIndex: Items = {
  get(name) {
    const index = indexOf(name);
    return index === undefined ? undefined : ["get", index];
  },
  set(name, value) {
    const index = indexOf(name);
    return index === undefined ? undefined : ["set", index, value];
  },
  has(name, perform) {
    const index = indexOf(name);
    if (index === undefined) return false;
    const length = lengthOf(perform);
    return index < length && index >= -length;
  },
  keys: (perform) => Array.from({ length: lengthOf(perform) }, (_, index) => String(index)),
};

/** `for (const item of proxy.sync)`: as {@link indexed}. */
export const indexedSync: Iterate = function* () {
  for (let i = 0; ; i++) {
    const found = this.slice(i, i + 1) as ArrayLike<unknown>;
    if (found.length === 0) return;
    yield found[0];
  }
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
