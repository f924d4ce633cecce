/** Set of a manager: of primitive values and of proxies. */
import { invalidType } from "@cordage/ipc/sys";
import type { Caller } from "../server/caller.js";
import type { Host } from "../server/served-type.js";
import { builtIn, type Referent } from "./built-in.js";
import { itemsOf } from "./list.js";

export class SetReferent implements Referent {
  private readonly data: Set<unknown>;

  constructor(
    private readonly host: Host,
    source: unknown = [],
  ) {
    this.data = this.setOf(source, "create a set");
  }

  /** A record would never equal another one: each that arrives is a copy. */
  private member(item: unknown, doing: string): unknown {
    if ((typeof item !== "object" && typeof item !== "function") || item === null || this.host.objectOf(item))
      return item;
    throw invalidType(doing, "a set holds primitive values and proxies", item);
  }

  private setOf(source: unknown, doing: string): Set<unknown> {
    return new Set(itemsOf(this.host, source, doing).map((item) => this.member(item, doing)));
  }

  add(_caller: Caller, ...items: unknown[]): void {
    const members = items.map((item) => this.member(item, "add to the set"));
    for (const item of members) this.data.add(item);
  }

  /** Whether it was there. */
  delete(_caller: Caller, item: unknown): boolean {
    return this.data.delete(item);
  }

  has(_caller: Caller, item: unknown): boolean {
    return this.data.has(item);
  }

  /** Takes any item out; undefined of an empty set. */
  pop(_caller: Caller): unknown {
    const [item] = this.data;
    this.data.delete(item);
    return item;
  }

  update(_caller: Caller, ...sources: unknown[]): void {
    const sets = sources.map((source) => this.setOf(source, "update the set"));
    for (const set of sets) for (const item of set) this.data.add(item);
  }

  clear(_caller: Caller): void {
    this.data.clear();
  }

  size(_caller?: Caller): number {
    return this.data.size;
  }

  values(_caller?: Caller): unknown[] {
    return [...this.data];
  }

  union(_caller: Caller, other: unknown): Set<unknown> {
    return new Set([...this.data, ...this.setOf(other, "unite sets")]);
  }

  intersection(_caller: Caller, other: unknown): Set<unknown> {
    const others = this.setOf(other, "intersect sets");
    return new Set([...this.data].filter((item) => others.has(item)));
  }

  difference(_caller: Caller, other: unknown): Set<unknown> {
    const others = this.setOf(other, "subtract sets");
    return new Set([...this.data].filter((item) => !others.has(item)));
  }

  symmetricDifference(_caller: Caller, other: unknown): Set<unknown> {
    const others = this.setOf(other, "subtract sets");
    const ours = [...this.data].filter((item) => !others.has(item));
    return new Set([...ours, ...[...others].filter((item) => !this.data.has(item))]);
  }

  isSubsetOf(_caller: Caller, other: unknown): boolean {
    const others = this.setOf(other, "compare sets");
    return [...this.data].every((item) => others.has(item));
  }

  isSupersetOf(_caller: Caller, other: unknown): boolean {
    return [...this.setOf(other, "compare sets")].every((item) => this.data.has(item));
  }

  isDisjointFrom(_caller: Caller, other: unknown): boolean {
    return ![...this.setOf(other, "compare sets")].some((item) => this.data.has(item));
  }

  iterate(): unknown[] {
    return [...this.data];
  }

  value(): unknown {
    return new Set(this.data);
  }
}

export const set = builtIn<SetReferent>({
  typeid: "set",
  exposed: [
    ...(["add", "delete", "has", "pop", "update", "clear", "size", "values", "union", "intersection"] as const),
    ...(["difference", "symmetricDifference", "isSubsetOf", "isSupersetOf", "isDisjointFrom"] as const),
  ],
  make: (host, [source]) => new SetReferent(host, source),
});
