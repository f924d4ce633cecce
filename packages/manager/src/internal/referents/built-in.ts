/** How the types that every SyncManager has are served: classes whose methods take the caller first. */
import type { Caller } from "../server/caller.js";
import type { Host, ServedType } from "../server/served-type.js";

/** A shared object of this package. */
export interface Referent {
  /** The plain data that it stands for. */
  value(): unknown;
  /** Nobody has it any more. */
  ended?(): void;
}

type Method = (caller: Caller, ...args: unknown[]) => unknown;

interface Shape<T> {
  typeid: string;
  /** What may be called from outside. */
  exposed: ReadonlyArray<keyof T & string>;
  results?: Record<string, string>;
  make(host: Host, args: any[]): T | Promise<T>;
}

export function builtIn<T extends Referent>(shape: Shape<T>): ServedType {
  const exposed = new Set<string>(shape.exposed);
  return {
    typeid: shape.typeid,
    kind: shape.typeid,
    results: shape.results ?? {},
    make: shape.make,
    exposed: () => exposed,
    call: (object, method, caller, args) => (object as Record<string, Method>)[method]!(caller, ...args),
    valueOf: (object) => (object as T).value(),
    ended: (object) => (object as T).ended?.(),
  };
}
