/** The types that users register. */
import { ManagerError } from "../../errors.js";
import { during } from "../current-caller.js";
import { AUTO } from "../kinds.js";
import type { ServedType } from "./served-type.js";

/** What a manager knows of a type; what its server needs of it travels there. */
export interface Registration {
  readonly typeid: string;
  /** A class, or a function that returns an object, or a proxy made by `served`; absent where only clients know the type. */
  readonly factory?: Function | undefined;
  readonly exposed?: readonly string[] | undefined;
  readonly results: Readonly<Record<string, string>>;
  /** Whether this type has a class of proxies of its own. */
  readonly ownProxy: boolean;
}

function isClass(factory: Function): boolean {
  return /^class\b/.test(Function.prototype.toString.call(factory));
}

function isMethod(object: object, name: string): boolean {
  for (let level: object | null = object; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    const property = Object.getOwnPropertyDescriptor(level, name);
    if (property) return typeof property.value === "function";
  }
  return false;
}

/** All methods whose names do not start with an underscore; accessors are not looked at, because that would run them. */
function publicMethods(object: object): Set<string> {
  const names = new Set<string>();
  for (let level: object | null = object; level && level !== Object.prototype; level = Object.getPrototypeOf(level))
    for (const name of Object.getOwnPropertyNames(level))
      if (!name.startsWith("_") && name !== "constructor" && name !== "then" && isMethod(object, name)) names.add(name);
  return names;
}

/** The type of an object that is no object of the user's own: what the registration says, and the rest as it was. */
function viewOf(of: ServedType, { typeid, exposed, results }: Registration): ServedType {
  const allowed = exposed && new Set(exposed);
  const { ended: _, ...rest } = of;
  return {
    ...rest,
    typeid,
    results: { ...of.results, ...results },
    exposed: (object) => new Set([...of.exposed(object)].filter((name) => !allowed || allowed.has(name))),
  };
}

export function customType(registration: Registration): ServedType {
  const { typeid, factory, exposed, results, ownProxy } = registration;
  const fixed = exposed && new Set(exposed);
  const changes = fixed !== undefined || ownProxy || Object.keys(results).length > 0;
  const views = new Map<ServedType, ServedType>();
  return {
    typeid,
    kind: AUTO,
    results,
    make(_host, args) {
      if (!factory)
        throw new ManagerError(
          "ERR_TYPE_NOT_REGISTERED",
          `cannot create a ${typeid}: its type is registered in the server without a factory`,
        );
      // An object may have a method `then` and be no promise; what a function returns that has one is taken for a promise.
      return isClass(factory) ? Reflect.construct(factory, args) : Promise.resolve(factory(...args));
    },
    exposed: (object) => new Set([...(fixed ?? publicMethods(object))].filter((name) => isMethod(object, name))),
    call: (object, method, caller, args) =>
      during(caller, () => (object as Record<string, Function>)[method]!(...args)),
    view(of) {
      if (!changes) return of;
      const view = views.get(of) ?? viewOf(of, registration);
      views.set(of, view);
      return view;
    },
    valueOf: (object) => object,
  };
}
