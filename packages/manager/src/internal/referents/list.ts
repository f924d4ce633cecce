/** List of a manager: the methods of an array, and Python's where an array has none. Indexes may count from the end. */
import { invalidType } from "@cordage/ipc/sys";
import type { Caller } from "../server/caller.js";
import type { Host } from "../server/served-type.js";
import { builtIn, type Referent } from "./built-in.js";
import { same } from "./equality.js";
import { bound, indexWithin, wholeIndex } from "./indexes.js";

/** The items of an iterable, or of another list, set or dict of the manager. */
export function itemsOf(host: Host, source: unknown, doing: string): unknown[] {
  const object = host.objectOf(source);
  if (object && "iterate" in object) return (object as { iterate(): unknown[] }).iterate();
  if (typeof source !== "string" && Object(source)[Symbol.iterator]) return [...(source as Iterable<unknown>)];
  throw invalidType(doing, "it needs something that can be iterated", source);
}

export class ListReferent implements Referent {
  private readonly data: unknown[];

  constructor(
    private readonly host: Host,
    source: unknown = [],
  ) {
    this.data = itemsOf(host, source, "create a list");
  }

  /** @throws unless there is such an item */
  private index(index: unknown, doing: string, end = this.data.length - 1): number {
    return indexWithin(index, this.data.length, doing, "list", end);
  }

  get(_caller: Caller, index: unknown): unknown {
    return this.data.at(wholeIndex(index, "get from the list"));
  }

  set(_caller: Caller, index: unknown, item: unknown): void {
    this.data[this.index(index, "set in the list")] = item;
  }

  length(_caller?: Caller): number {
    return this.data.length;
  }

  push(_caller: Caller, ...items: unknown[]): number {
    return this.data.push(...items);
  }

  /** Takes the last item out, or the one at an index; undefined of an empty list. */
  pop(_caller: Caller, index: unknown = -1): unknown {
    if (this.data.length === 0) return undefined;
    return this.data.splice(this.index(index, "pop from the list"), 1)[0];
  }

  shift(_caller: Caller): unknown {
    return this.data.shift();
  }

  unshift(_caller: Caller, ...items: unknown[]): number {
    return this.data.unshift(...items);
  }

  insert(_caller: Caller, index: unknown, item: unknown): void {
    this.data.splice(this.index(index, "insert into the list", this.data.length), 0, item);
  }

  extend(_caller: Caller, source: unknown): number {
    for (const item of itemsOf(this.host, source, "extend the list")) this.data.push(item);
    return this.data.length;
  }

  /** Takes out the first item that equals this one; whether there was one. */
  remove(caller: Caller, item: unknown): boolean {
    const at = this.indexOf(caller, item);
    if (at >= 0) this.data.splice(at, 1);
    return at >= 0;
  }

  slice(_caller: Caller, start?: unknown, end?: unknown): unknown[] {
    const doing = "slice the list";
    return this.data.slice(bound(start, doing), bound(end, doing));
  }

  splice(_caller: Caller, start: unknown, count: unknown = this.data.length, ...items: unknown[]): unknown[] {
    const doing = "splice the list";
    return this.data.splice(bound(start, doing) ?? 0, bound(count, doing)!, ...items);
  }

  /** A plain array of its items and those of others. */
  concat(_caller: Caller, ...sources: unknown[]): unknown[] {
    return this.data.concat(...sources.map((source) => itemsOf(this.host, source, "concatenate lists")));
  }

  indexOf(_caller: Caller, item: unknown, from: unknown = 0): number {
    const given = bound(from, "look into the list")!;
    const start = given < 0 ? given + this.data.length : given;
    return this.data.findIndex((one, at) => at >= start && same(one, item));
  }

  lastIndexOf(_caller: Caller, item: unknown): number {
    return this.data.findLastIndex((one) => same(one, item));
  }

  includes(caller: Caller, item: unknown): boolean {
    return this.indexOf(caller, item) >= 0;
  }

  count(_caller: Caller, item: unknown): number {
    return this.data.filter((one) => same(one, item)).length;
  }

  reverse(_caller: Caller): void {
    this.data.reverse();
  }

  /** Numbers by value, strings by their code units; `by` names a property to sort records by. */
  sort(_caller: Caller, options: { reverse?: boolean; by?: string } = {}): void {
    if (typeof options !== "object" || options === null)
      throw invalidType("sort the list", "options must be an object like { reverse: true }", options);
    const { by } = options;
    const key = (item: unknown) => (by === undefined ? item : Object(item)[by]);
    this.data.sort((a, b) => compare(key(a), key(b)));
    if (options.reverse) this.data.reverse();
  }

  fill(_caller: Caller, item: unknown, start?: unknown, end?: unknown): void {
    const doing = "fill the list";
    this.data.fill(item, bound(start, doing), bound(end, doing));
  }

  /** Repeats the items in place: Python's `*=`. */
  repeat(_caller: Caller, count: unknown): void {
    const doing = "repeat the list";
    if (typeof count !== "number" || !Number.isInteger(count))
      throw invalidType(doing, "it needs a whole number", count);
    const items = this.data.slice();
    if (count < 1) this.data.length = 0;
    for (let i = 1; i < count; i++) this.data.push(...items);
  }

  clear(_caller: Caller): void {
    this.data.length = 0;
  }

  iterate(): unknown[] {
    return this.data.slice();
  }

  value(): unknown {
    return this.data.slice();
  }
}

function compare(a: unknown, b: unknown): number {
  const comparable =
    (typeof a === "string" && typeof b === "string") ||
    (/^(number|bigint)$/.test(typeof a) && /^(number|bigint)$/.test(typeof b));
  if (!comparable) throw invalidType("sort the list", "it must hold numbers only, or strings only", [a, b]);
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

export const list = builtIn<ListReferent>({
  typeid: "list",
  exposed: [
    ...(["get", "set", "length", "push", "pop", "shift", "unshift", "insert", "extend", "remove", "slice"] as const),
    ...(["splice", "concat", "indexOf", "lastIndexOf", "includes", "count", "reverse", "sort", "fill"] as const),
    ...(["repeat", "clear"] as const),
  ],
  make: (host, [source]) => new ListReferent(host, source),
});
