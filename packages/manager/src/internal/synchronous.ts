/**
 * `proxy.sync`: a JavaScript Proxy over the methods of a proxy of ours. Names of methods are methods; for proxies that
 * are indexed (dict, list, Array, Namespace) and for Value any other property is an item of the referent.
 */
import type { Reference } from "./reference.js";

/** How properties of `sync` that are no methods become calls, each of which `perform` makes. */
export interface Items {
  /** The call that reads one; undefined: there is no such item. */
  get(name: string): Call | undefined;
  set(name: string, value: unknown): Call | undefined;
  has(name: string, perform: Perform): boolean;
  delete?(name: string): Call | undefined;
  /** The names, for Object.keys and its like. */
  keys(perform: Perform): string[];
}

type Call = [method: string, ...args: unknown[]];
export type Perform = (call: Call) => unknown;
/** What proxies have whose methods are more than a call each, such as a loop around one. */
export type SyncMethods = Record<string, (this: Record<string, any>, ...args: any[]) => unknown>;

/** What a method sends for its arguments, where that is not the same. */
export type Arguments = Record<string, (...args: any[]) => unknown[]>;

/** What `for (const item of proxy.sync)` goes through. */
export type Iterate = (this: Record<string, any>) => Iterator<unknown>;

/** The names of a referent's methods, where the class of the proxy was made for them. */
export const METHODS = Symbol("methods");
export const ITEMS = Symbol("items");
export const ARGUMENTS = Symbol("arguments");
export const SYNC_METHODS = Symbol("sync methods");
export const SYNC_ITERATE = Symbol("sync iteration");

interface Traits {
  [METHODS]?: readonly string[];
  [ITEMS]?: Items;
  [ARGUMENTS]?: Arguments;
  [SYNC_METHODS]?: SyncMethods;
  [SYNC_ITERATE]?: Iterate;
}

const NOT_METHODS = new Set(["constructor", "toString", "call", "sync"]);

function methodsOf(proxy: object): Set<string> {
  const given = (proxy as Traits)[METHODS];
  if (given) return new Set(given);
  const names = new Set<string>();
  for (let level = Object.getPrototypeOf(proxy); level !== Object.prototype; level = Object.getPrototypeOf(level))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level)))
      if (typeof value === "function" && !NOT_METHODS.has(name)) names.add(name);
  return names;
}

const known = new WeakMap<object, Set<string>>();

function methodNames(proxy: object): Set<string> {
  const prototype = Object.getPrototypeOf(proxy);
  const names = known.get(prototype) ?? methodsOf(proxy);
  known.set(prototype, names);
  return names;
}

export function synchronous(proxy: object, reference: Reference): object {
  const methods = methodNames(proxy);
  const traits = proxy as Traits;
  const { [ITEMS]: items, [ARGUMENTS]: sent = {}, [SYNC_METHODS]: special = {} } = traits;
  const made: Record<string, Function> = Object.create(null);
  const perform: Perform = ([method, ...args]) => reference.callSync(method, args);
  const methodFor = (name: string, self: object) => {
    made[name] ??= Object.hasOwn(special, name)
      ? special[name]!.bind(self as Record<string, any>)
      : (...args: unknown[]) => reference.callSync(name, Object.hasOwn(sent, name) ? sent[name]!(...args) : args);
    return made[name];
  };
  const set = (name: string | symbol, value: unknown) => {
    const call = typeof name === "string" && !methods.has(name) ? items?.set(name, value) : undefined;
    if (!call) throw refused(proxy, name, "set");
    perform(call);
    return true;
  };
  const has = (name: string) => items?.has(name, perform) ?? false;
  const view: object = new Proxy(Object.create(null), {
    get(_, name) {
      if (name === Symbol.iterator) return iterate;
      if (typeof name === "symbol") return undefined;
      if (name === "constructor") return proxy.constructor;
      if (methods.has(name)) return methodFor(name, view);
      const call = items?.get(name);
      return call && perform(call);
    },
    set: (_, name, value) => set(name, value),
    // Whoever defines an item with a getter, or one that cannot be changed, is refused by the engine: it would not be so.
    defineProperty: (_, name, { value }) => set(name, value),
    has(_, name) {
      if (typeof name === "symbol") return name === Symbol.iterator && iterate !== undefined;
      return methods.has(name) || has(name);
    },
    deleteProperty(_, name) {
      const call = typeof name === "string" && !methods.has(name) ? items?.delete?.(name) : undefined;
      if (!call) throw refused(proxy, name, "delete");
      perform(call);
      return true;
    },
    ownKeys: () => items?.keys(perform) ?? [],
    getOwnPropertyDescriptor(_, name) {
      if (typeof name === "symbol" || !has(name)) return undefined;
      return { value: perform(items!.get(name)!), enumerable: true, configurable: true, writable: true };
    },
    // Of a thing that others change as well nothing can be promised.
    preventExtensions: () => false,
  });
  const iterate = traits[SYNC_ITERATE]?.bind(view as Record<string, any>);
  return view;
}

function refused(proxy: object, name: string | symbol, doing: string): TypeError {
  const error = new TypeError(`cannot ${doing} ${String(name)}: it is no item of a ${proxy.constructor.name}`);
  return Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}
