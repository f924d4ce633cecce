/** Replacing functions of objects that others have, and putting them back. */
import { inGreenlet } from "../in-greenlet.js";

type Fn = (...args: any[]) => any;

export interface Patched {
  /** "fs.readFileSync". */
  readonly name: string;
  undo(): void;
}

/**
 * Has a function do `instead` within greenlets, and what it did elsewhere. Nothing if there is none.
 * @param instead gets the arguments, and `this`
 */
export function patch(
  of: string,
  holder: object,
  key: string,
  instead: (this: any, ...args: any[]) => unknown,
): Patched | undefined {
  const functions = holder as Record<string, Fn>;
  const original = functions[key];
  if (typeof original !== "function") return undefined;
  const own = Object.getOwnPropertyDescriptor(holder, key);
  const patched = function (this: unknown, ...args: unknown[]): unknown {
    return inGreenlet() ? instead.apply(this, args) : original.apply(this, args);
  };
  Object.defineProperties(patched, { name: { value: original.name }, length: { value: original.length } });
  Object.defineProperty(holder, key, { ...(own ?? { writable: true, configurable: true }), value: patched });
  return {
    name: of ? `${of}.${key}` : key,
    undo() {
      if (own) Object.defineProperty(holder, key, own);
      else delete functions[key];
    },
  };
}
