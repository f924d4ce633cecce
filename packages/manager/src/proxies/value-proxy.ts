/** A number or flag of a manager. */
import type { AddendOfKind, SharedKind, ValueOfKind } from "@cordage/ipc";
import { ITEMS, type Items } from "../internal/synchronous.js";
import { BaseProxy, type items } from "../proxy.js";

/**
 * As a `SharedValue` of `@cordage/ipc`, but it lives in the server: a number that does not fit is stored as a typed array
 * would store it.
 *
 * Source: CPython multiprocessing/managers.py ValueProxy.
 */
export class ValueProxy<K extends SharedKind = any> extends BaseProxy {
  /** Of `sync`: `v.sync.value`. */
  declare readonly [items]?: { value: ValueOfKind<K> };

  get(): Promise<ValueOfKind<K>> {
    return this.call("get");
  }

  /** @throws {TypeError} ERR_INVALID_ARG_TYPE */
  set(value: ValueOfKind<K>): Promise<void> {
    return this.call("set", [value]);
  }

  /** Adds: one step for everybody. @returns what is there then */
  add(by: AddendOfKind<K>): Promise<ValueOfKind<K>> {
    return this.call("add", [by]);
  }

  override getValue(): Promise<ValueOfKind<K>> {
    return this.call("getValue");
  }
}

Object.defineProperty(ValueProxy.prototype, ITEMS, {
  value: {
    get: (name) => (name === "value" ? ["get"] : undefined),
    set: (name, value) => (name === "value" ? ["set", value] : undefined),
    has: (name) => name === "value",
    keys: () => ["value"],
  } satisfies Items,
});
