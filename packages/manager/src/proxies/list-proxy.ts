/** A list of a manager. */
import { ITEMS, SYNC_ITERATE } from "../internal/synchronous.js";
import { BaseProxy, type items } from "../proxy.js";
import { byIndex, indexed, indexedSync } from "./indexed.js";

/** What items can be taken from. */
export type ItemSource<T> = Iterable<T> | BaseProxy;

export interface SortOptions {
  reverse?: boolean;
  /** The name of the property by which records are sorted. */
  by?: string;
}

/**
 * The methods of an array, and those of Python's list that an array does not have. Indexes may count from the end. Items
 * are compared by value, so equal records are the same to `indexOf`.
 *
 * @example
 * const l = await manager.list([1, 2, 3]);
 * await l.push(4);
 * for await (const item of l) console.log(item);
 *
 * Differs from Python: an index that is not there gives `undefined` when it is read. Source: CPython multiprocessing/managers.py ListProxy.
 */
export class ListProxy<T = any> extends BaseProxy {
  /** Of `sync`: `l.sync[0]`, `for (const item of l.sync)`, `Object.keys(l.sync)`. */
  declare readonly [items]?: { [index: number]: T } & Iterable<T>;

  /** The item; `undefined` if there is none. */
  get(index: number): Promise<T | undefined> {
    return this.call("get", [index]);
  }

  /** @throws {RangeError} ERR_OUT_OF_RANGE when there is no such item to replace */
  set(index: number, value: T): Promise<void> {
    return this.call("set", [index, value]);
  }

  length(): Promise<number> {
    return this.call("length");
  }

  /** @returns how many there are then */
  push(...items: T[]): Promise<number> {
    return this.call("push", items);
  }

  /**
   * Takes an item out, the last one where no index is given; `undefined` of an empty list.
   * @throws {RangeError} ERR_OUT_OF_RANGE
   */
  pop(index?: number): Promise<T | undefined> {
    return this.call("pop", index === undefined ? [] : [index]);
  }

  shift(): Promise<T | undefined> {
    return this.call("shift");
  }

  unshift(...items: T[]): Promise<number> {
    return this.call("unshift", items);
  }

  /** Puts an item in front of the one at `index`. @throws {RangeError} ERR_OUT_OF_RANGE */
  insert(index: number, item: T): Promise<void> {
    return this.call("insert", [index, item]);
  }

  /** Adds all items. @returns how many there are then */
  extend(items: ItemSource<T>): Promise<number> {
    return this.call("extend", [items]);
  }

  /** Takes the first item out that equals this one; whether there was one. */
  remove(item: T): Promise<boolean> {
    return this.call("remove", [item]);
  }

  slice(start?: number, end?: number): Promise<T[]> {
    return this.call("slice", [start, end]);
  }

  splice(start: number, count?: number, ...items: T[]): Promise<T[]> {
    return this.call("splice", count === undefined ? [start] : [start, count, ...items]);
  }

  /** A plain array of the items and those of others. */
  concat(...sources: ItemSource<T>[]): Promise<T[]> {
    return this.call("concat", sources);
  }

  indexOf(item: T, from?: number): Promise<number> {
    return this.call("indexOf", from === undefined ? [item] : [item, from]);
  }

  lastIndexOf(item: T): Promise<number> {
    return this.call("lastIndexOf", [item]);
  }

  includes(item: T): Promise<boolean> {
    return this.call("includes", [item]);
  }

  count(item: T): Promise<number> {
    return this.call("count", [item]);
  }

  reverse(): Promise<void> {
    return this.call("reverse");
  }

  /** Numbers by value, strings by their code units. @throws {TypeError} ERR_INVALID_ARG_TYPE when it holds anything else */
  sort(options: SortOptions = {}): Promise<void> {
    return this.call("sort", [options]);
  }

  fill(item: T, start?: number, end?: number): Promise<void> {
    return this.call("fill", [item, start, end]);
  }

  /** Python's `*=`: as many times the items. */
  repeat(count: number): Promise<void> {
    return this.call("repeat", [count]);
  }

  clear(): Promise<void> {
    return this.call("clear");
  }

  /** As a plain array. */
  override getValue(): Promise<T[]> {
    return this.call("getValue");
  }

  /** One item after the other, each as it is when its turn comes. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return indexed(this) as AsyncGenerator<T, void, undefined>;
  }
}

Object.defineProperty(ListProxy.prototype, ITEMS, { value: byIndex });
Object.defineProperty(ListProxy.prototype, SYNC_ITERATE, { value: indexedSync });
