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
  const isOwn = Object.hasOwn(holder, key);
  const patched = function (this: unknown, ...args: unknown[]): unknown {
    return inGreenlet() ? instead.apply(this, args) : original.apply(this, args);
  };
  Object.defineProperties(patched, { name: { value: original.name }, length: { value: original.length } });
  functions[key] = patched;
  return {
    name: of ? `${of}.${key}` : key,
    undo() {
      if (isOwn) functions[key] = original;
      else delete functions[key];
    },
  };
}
