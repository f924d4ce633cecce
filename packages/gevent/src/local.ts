/** Variables of which each greenlet has its own. */
import { type Greenlet, getCurrent } from "@cordage/greenlet";
import { invalidType } from "@cordage/ipc/sys";

/**
 * An object whose properties are each greenlet's own: what one sets, no other one sees. They go with the greenlet.
 *
 * Source: gevent.local.
 */
export function local<T extends object = Record<PropertyKey, unknown>>(initial?: () => T): T {
  if (initial !== undefined && typeof initial !== "function")
    throw invalidType("make a local", "what makes the initial value must be a function", initial);
  const all = new WeakMap<Greenlet, T>();
  const own = (): T => {
    const current = getCurrent();
    const found = all.get(current);
    if (found) return found;
    const made = initial ? initial() : ({} as T);
    all.set(current, made);
    return made;
  };
  return new Proxy({} as T, ownProperties(own));
}

/** What is done with the object is done with that of the greenlet. */
function ownProperties<T extends object>(own: () => T): ProxyHandler<T> {
  return {
    get: (_, key) => Reflect.get(own(), key),
    set: (_, key, value) => Reflect.set(own(), key, value),
    has: (_, key) => Reflect.has(own(), key),
    deleteProperty: (_, key) => Reflect.deleteProperty(own(), key),
    ownKeys: () => Reflect.ownKeys(own()),
    // The target has no properties, so that what it has not may only be shown as configurable.
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(own(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
    defineProperty: (_, key, descriptor) => Reflect.defineProperty(own(), key, { ...descriptor, configurable: true }),
    getPrototypeOf: () => Reflect.getPrototypeOf(own()),
  };
}
