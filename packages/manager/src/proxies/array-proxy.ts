/** An array of numbers of a manager. */
import type { SharedKind, ValueOfKind } from "@cordage/ipc";
import { ITEMS, SYNC_ITERATE } from "../internal/synchronous.js";
import { BaseProxy, type items } from "../proxy.js";
import { byIndex, indexed, indexedSync } from "./indexed.js";

export type ArrayKind = Exclude<SharedKind, "bool">;

/**
 * Numbers of one kind, as many as there were at the start. Indexes may count from the end.
 *
 * Source: CPython multiprocessing/managers.py ArrayProxy.
 */
export class ArrayProxy<K extends ArrayKind = any> extends BaseProxy {
  /** Of `sync`: `a.sync[0]`, `for (const item of a.sync)`. */
  declare readonly [items]?: { [index: number]: ValueOfKind<K> } & Iterable<ValueOfKind<K>>;

  /** @throws {RangeError} ERR_OUT_OF_RANGE when there is no such item, as in `set` and `add` */
  get(index: number): Promise<ValueOfKind<K>> {
    return this.call("get", [index]);
  }

  set(index: number, value: ValueOfKind<K>): Promise<void> {
    return this.call("set", [index, value]);
  }

  /** Adds to an item: one step for everybody. @returns what is there then */
  add(index: number, by: ValueOfKind<K>): Promise<ValueOfKind<K>> {
    return this.call("add", [index, by]);
  }

  length(): Promise<number> {
    return this.call("length");
  }

  /** A typed array of its own, as from `getValue`. */
  slice(start?: number, end?: number): Promise<ArrayLike<ValueOfKind<K>> & Iterable<ValueOfKind<K>>> {
    return this.call("slice", [start, end]);
  }

  fill(value: ValueOfKind<K>, start?: number, end?: number): Promise<void> {
    return this.call("fill", [value, start, end]);
  }

  override getValue(): Promise<ArrayLike<ValueOfKind<K>> & Iterable<ValueOfKind<K>>> {
    return this.call("getValue");
  }

  /** One item after the other, each as it is when its turn comes. */
  [Symbol.asyncIterator](): AsyncGenerator<ValueOfKind<K>, void, undefined> {
    return indexed(this) as AsyncGenerator<ValueOfKind<K>, void, undefined>;
  }
}

Object.defineProperty(ArrayProxy.prototype, ITEMS, { value: byIndex });
Object.defineProperty(ArrayProxy.prototype, SYNC_ITERATE, { value: indexedSync });
