/** A namespace of a manager. */
import { ITEMS, type Items } from "../internal/synchronous.js";
import type { Namespace } from "../namespace.js";
import { BaseProxy, type items } from "../proxy.js";

type Shape = Record<string, any>;

/**
 * Named values: `await ns.set("x", 1)`, or `ns.sync.x = 1`, which blocks.
 *
 * Differs from Python: an attribute that is not there is `undefined`. Source: CPython multiprocessing/managers.py NamespaceProxy.
 */
export class NamespaceProxy<T extends Shape = Shape> extends BaseProxy {
  /** Of `sync`: `ns.sync.x`. */
  declare readonly [items]?: T;

  get<K extends keyof T & string>(name: K): Promise<T[K] | undefined> {
    return this.call("get", [name]);
  }

  set<K extends keyof T & string>(name: K, value: T[K]): Promise<void> {
    return this.call("set", [name, value]);
  }

  has(name: string): Promise<boolean> {
    return this.call("has", [name]);
  }

  /** Whether it was there. */
  delete(name: string): Promise<boolean> {
    return this.call("delete", [name]);
  }

  keys(): Promise<string[]> {
    return this.call("keys");
  }

  override getValue(): Promise<Namespace & T> {
    return this.call("getValue");
  }
}

Object.defineProperty(NamespaceProxy.prototype, ITEMS, {
  value: {
    get: (name) => ["get", name],
    set: (name, value) => ["set", name, value],
    has: (name, perform) => perform(["has", name]) === true,
    delete: (name) => ["delete", name],
    keys: (perform) => perform(["keys"]) as string[],
  } satisfies Items,
});
