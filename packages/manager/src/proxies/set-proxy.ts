/** A set of a manager. */
import { type Iterate, SYNC_ITERATE } from "../internal/synchronous.js";
import { BaseProxy, type items } from "../proxy.js";
import type { ItemSource } from "./list-proxy.js";

/**
 * Holds primitive values and proxies.
 *
 * Differs from Python: nothing else can be a member. Source: CPython multiprocessing/managers.py SetProxy (3.14).
 */
export class SetProxy<T = any> extends BaseProxy {
  /** Of `sync`: `for (const item of s.sync)`. */
  declare readonly [items]?: Iterable<T>;

  /** @throws {TypeError} ERR_INVALID_ARG_TYPE for what cannot be a member */
  add(...items: T[]): Promise<void> {
    return this.call("add", items);
  }

  /** Whether it was there. */
  delete(item: T): Promise<boolean> {
    return this.call("delete", [item]);
  }

  has(item: T): Promise<boolean> {
    return this.call("has", [item]);
  }

  /** Takes any item out; `undefined` of an empty set. */
  pop(): Promise<T | undefined> {
    return this.call("pop");
  }

  /** Adds all items of others. */
  update(...sources: ItemSource<T>[]): Promise<void> {
    return this.call("update", sources);
  }

  clear(): Promise<void> {
    return this.call("clear");
  }

  size(): Promise<number> {
    return this.call("size");
  }

  /** A copy. */
  values(): Promise<T[]> {
    return this.call("values");
  }

  /** A plain Set, as of `intersection`, `difference` and `symmetricDifference`. */
  union(other: ItemSource<T>): Promise<Set<T>> {
    return this.call("union", [other]);
  }

  intersection(other: ItemSource<T>): Promise<Set<T>> {
    return this.call("intersection", [other]);
  }

  difference(other: ItemSource<T>): Promise<Set<T>> {
    return this.call("difference", [other]);
  }

  symmetricDifference(other: ItemSource<T>): Promise<Set<T>> {
    return this.call("symmetricDifference", [other]);
  }

  isSubsetOf(other: ItemSource<T>): Promise<boolean> {
    return this.call("isSubsetOf", [other]);
  }

  isSupersetOf(other: ItemSource<T>): Promise<boolean> {
    return this.call("isSupersetOf", [other]);
  }

  isDisjointFrom(other: ItemSource<T>): Promise<boolean> {
    return this.call("isDisjointFrom", [other]);
  }

  override getValue(): Promise<Set<T>> {
    return this.call("getValue");
  }

  /** The items that were there when it began. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    yield* await this.values();
  }
}

Object.defineProperty(SetProxy.prototype, SYNC_ITERATE, {
  value: function* () {
    yield* this.values();
  } satisfies Iterate,
});
