/** Dict of a manager: keys are strings, as of an object; a number stands for its decimal text. */
import { invalidType } from "@cordage/ipc/sys";
import type { Caller } from "../server/caller.js";
import type { Host } from "../server/served-type.js";
import { builtIn, type Referent } from "./built-in.js";

type Key = string;

function keyOf(key: unknown, doing: string): Key {
  if (typeof key === "string") return key;
  if (typeof key === "number") return String(key);
  throw invalidType(doing, "a key must be a string or a number", key);
}

/** The entries of an object, a Map, an iterable of pairs, or another dict of the manager. */
function entriesOf(host: Host, source: unknown, doing: string): Array<[Key, unknown]> {
  const object = host.objectOf(source);
  if (object instanceof DictReferent) return object.items();
  if (typeof source !== "object" || source === null || object)
    throw invalidType(doing, "it needs an object, a Map, pairs of key and value, or another dict", source);
  const pairs = Symbol.iterator in source ? [...(source as Iterable<unknown>)] : Object.entries(source);
  return pairs.map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw invalidType(doing, "each item must be a pair", pair);
    return [keyOf(pair[0], doing), pair[1]];
  });
}

export class DictReferent implements Referent {
  private readonly data = new Map<Key, unknown>();

  constructor(
    private readonly host: Host,
    source: unknown = [],
  ) {
    for (const [key, item] of entriesOf(host, source, "create a dict")) this.data.set(key, item);
  }

  get(_caller: Caller, key: unknown, otherwise?: unknown): unknown {
    const known = keyOf(key, "get from the dict");
    const item = this.data.get(known);
    return item === undefined && !this.data.has(known) ? otherwise : item;
  }

  set(_caller: Caller, key: unknown, item: unknown): void {
    this.data.set(keyOf(key, "set in the dict"), item);
  }

  has(_caller: Caller, key: unknown): boolean {
    return this.data.has(keyOf(key, "look into the dict"));
  }

  /** Whether it was there. */
  delete(_caller: Caller, key: unknown): boolean {
    return this.data.delete(keyOf(key, "delete from the dict"));
  }

  /** Takes an item out. */
  pop(caller: Caller, key: unknown, otherwise?: unknown): unknown {
    const item = this.get(caller, key, otherwise);
    this.delete(caller, key);
    return item;
  }

  /** Takes the item out that was set last; undefined if there is none. */
  popItem(_caller: Caller): [Key, unknown] | undefined {
    let last: [Key, unknown] | undefined;
    for (const entry of this.data) last = entry;
    if (last) this.data.delete(last[0]);
    return last;
  }

  /** The item, which is set first if it is not there. */
  setDefault(caller: Caller, key: unknown, item: unknown): unknown {
    if (!this.has(caller, key)) this.set(caller, key, item);
    return this.get(caller, key);
  }

  /** Adds to a number, in one step; one that is not there counts as 0, or 0n. Returns the sum. */
  increment(caller: Caller, key: unknown, by: unknown = 1): number | bigint {
    const doing = "increment an item of the dict";
    const present = this.get(caller, key, typeof by === "bigint" ? 0n : 0);
    const sum = sumOf(present, by, doing);
    this.set(caller, key, sum);
    return sum;
  }

  update(_caller: Caller, source: unknown): void {
    for (const [key, item] of entriesOf(this.host, source, "update the dict")) this.data.set(key, item);
  }

  clear(_caller: Caller): void {
    this.data.clear();
  }

  size(_caller?: Caller): number {
    return this.data.size;
  }

  keys(_caller?: Caller): Key[] {
    return [...this.data.keys()];
  }

  values(_caller?: Caller): unknown[] {
    return [...this.data.values()];
  }

  items(_caller?: Caller): Array<[Key, unknown]> {
    return [...this.data];
  }

  value(): unknown {
    return recordOf(this.data);
  }
}

/** A plain object, whatever the keys are called. */
export function recordOf(entries: Iterable<[string, unknown]>): Record<string, unknown> {
  return Object.fromEntries(entries);
}

export function sumOf(present: unknown, by: unknown, doing: string): number | bigint {
  if (typeof present === "number" && typeof by === "number") return present + by;
  if (typeof present === "bigint" && typeof by === "bigint") return present + by;
  throw invalidType(
    doing,
    `what is there must be a ${typeof by === "bigint" ? "bigint" : "number"}, as is added`,
    present,
  );
}

export const dict = builtIn<DictReferent>({
  typeid: "dict",
  exposed: [
    ...(["get", "set", "has", "delete", "pop", "popItem", "setDefault", "increment", "update", "clear"] as const),
    ...(["size", "keys", "values", "items"] as const),
  ],
  make: (host, [source]) => new DictReferent(host, source),
});
