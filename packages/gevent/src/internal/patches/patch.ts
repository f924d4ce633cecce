/** Replacing functions of objects that others have, and putting them back. */
import { inGreenlet } from "../in-greenlet.js";

export type Fn = (...args: any[]) => any;

export interface Patched {
  /** "fs.readFileSync". */
  readonly name: string;
  undo(): void;
}

/**
 * Has a function do `instead` within greenlets, and what it did elsewhere; its properties are kept. Nothing if there is none. Once undone it is the
 * old one for those, too, who still have it; and where somebody has replaced it meanwhile, his stays.
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
  let undone = false;
  const patched = function (this: unknown, ...args: unknown[]): unknown {
    return inGreenlet() && !undone ? instead.apply(this, args) : original.apply(this, args);
  };
  Object.defineProperties(patched, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(holder, key, { ...(own ?? { writable: true, configurable: true }), value: patched });
  return {
    name: of ? `${of}.${key}` : key,
    undo() {
      undone = true;
      if (functions[key] !== patched) return;
      if (own) Object.defineProperty(holder, key, own);
      else delete functions[key];
    },
  };
}
