/** A dict of a manager. */
import { ITEMS, type Items, type Iterate, SYNC_ITERATE } from "../internal/synchronous.js";
import { BaseProxy, type CallOptions, type items } from "../proxy.js";

export type DictKey = string | number;
/** What a dict can be made of. */
export type DictSource<V> = Readonly<Record<string, V>> | Iterable<readonly [DictKey, V]> | DictProxy<V>;

/**
 * Keys are those of a JavaScript object: strings, and a number stands for its decimal text, so that `d.sync[1]`,
 * `d.get(1)` and `d.get("1")` are one item. Values are whatever travels; a proxy among them stays one. A value that was
 * got is a copy: changing it changes nothing in the dict.
 *
 * @example
 * const d = await manager.dict<number>({ one: 1 });
 * await d.set("two", 2);
 * d.sync["three"] = 3;
 *
 * Differs from Python: a key that is not there gives `undefined`; keys are strings. Source: CPython multiprocessing/managers.py DictProxy.
 */
export class DictProxy<V = any> extends BaseProxy {
  /**
   * Of `sync`: `d.sync["name"]`, `"name" in d.sync`, `delete d.sync["name"]`, `Object.entries(d.sync)`; `for (const key of d.sync)`
   * goes through the keys, as in Python. An item that has the name of a method is reached by `d.sync.get("keys")`.
   */
  declare readonly [items]?: { [key: DictKey]: V } & Iterable<string>;

  /** The item, or `otherwise`. */
  get(key: DictKey, otherwise?: V, options?: CallOptions): Promise<V | undefined> {
    return this.call("get", [key, otherwise], options);
  }

  set(key: DictKey, value: V, options?: CallOptions): Promise<void> {
    return this.call("set", [key, value], options);
  }

  has(key: DictKey): Promise<boolean> {
    return this.call("has", [key]);
  }

  /** Whether it was there. */
  delete(key: DictKey): Promise<boolean> {
    return this.call("delete", [key]);
  }

  /** Takes the item out and returns it, or `otherwise`. */
  pop(key: DictKey, otherwise?: V): Promise<V | undefined> {
    return this.call("pop", [key, otherwise]);
  }

  /** Takes the item out that was added last; `undefined` if there is none. */
  popItem(): Promise<[string, V] | undefined> {
    return this.call("popItem");
  }

  /** The item, which is set to `value` first if it is not there: one step for everybody. */
  setDefault(key: DictKey, value: V): Promise<V> {
    return this.call("setDefault", [key, value]);
  }

  /**
   * Adds to a number or bigint: one step for everybody. An item that is not there counts as zero.
   * @returns the sum
   * @throws {TypeError} ERR_INVALID_ARG_TYPE when what is there cannot be added to
   */
  increment<N extends number | bigint = number>(key: DictKey, by?: N): Promise<N> {
    return this.call("increment", by === undefined ? [key] : [key, by]);
  }

  /** Sets all items of another one. */
  update(source: DictSource<V>): Promise<void> {
    return this.call("update", [source]);
  }

  clear(): Promise<void> {
    return this.call("clear");
  }

  size(): Promise<number> {
    return this.call("size");
  }

  /** In the order in which they were added; a copy, as of `values` and `items`. */
  keys(): Promise<string[]> {
    return this.call("keys");
  }

  values(): Promise<V[]> {
    return this.call("values");
  }

  items(): Promise<Array<[string, V]>> {
    return this.call("items");
  }

  /** As a plain object. */
  override getValue(): Promise<Record<string, V>> {
    return this.call("getValue");
  }

  /** The keys that were there when it began. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    yield* await this.keys();
  }
}

Object.defineProperty(DictProxy.prototype, ITEMS, {
  value: {
    get: (key) => ["get", key],
    set: (key, value) => ["set", key, value],
    has: (key, perform) => perform(["has", key]) === true,
    delete: (key) => ["delete", key],
    keys: (perform) => perform(["keys"]) as string[],
  } satisfies Items,
});
Object.defineProperty(DictProxy.prototype, SYNC_ITERATE, {
  value: function* () {
    yield* this.keys();
  } satisfies Iterate,
});
