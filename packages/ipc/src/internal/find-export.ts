/** Finds the export of a module that a function reference means. */

/** What a module was asked for. */
export interface Wanted {
  /** The function's own name, or the path to it in the explicit forms: `f`, `Class.method`, `default`. */
  readonly name: string;
  /** A fingerprint of its source text, where the sender ran the very text of the file. */
  readonly print?: string | undefined;
}

function isFunction(value: unknown): value is Function {
  return typeof value === "function";
}

function isHolder(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || isFunction(value);
}

function read(holder: object, key: string): unknown {
  const property = Object.getOwnPropertyDescriptor(holder, key);
  return property && "value" in property ? property.value : undefined;
}

/** A namespace's own bindings are data properties, and so is what this accepts: no getter runs. */
function functionsIn(holder: object): Array<[string, Function]> {
  return Object.getOwnPropertyNames(holder)
    .map((key) => [key, read(holder, key)] as [string, unknown])
    .filter((entry): entry is [string, Function] => entry[0] !== "constructor" && isFunction(entry[1]));
}

function atPath(module: object, path: string): unknown {
  let at: unknown = module;
  for (const key of path.split(".")) at = isHolder(at) ? read(at, key) : undefined;
  return at;
}

/** Exports, then what exported objects and classes hold: static methods, and CommonJS's `module.exports`. */
function* candidates(module: object): Generator<[string, Function]> {
  yield* functionsIn(module);
  for (const key of Object.getOwnPropertyNames(module)) {
    const holder = read(module, key);
    if (isHolder(holder)) for (const [inner, fn] of functionsIn(holder)) yield [`${key}.${inner}`, fn];
  }
}

/** A short fingerprint of a function's source text. */
export function printOf(fn: Function): string {
  const text = Function.prototype.toString.call(fn);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${text.length}:${(hash >>> 0).toString(36)}`;
}

/** The exports that fit, by name: one if it was found, several if the reference is ambiguous. */
export function findExports(module: object, { name, print }: Wanted): Map<Function, string> {
  const fits = (fn: Function) => print === undefined || printOf(fn) === print;
  const exact = atPath(module, name) ?? atPath(module, `default.${name}`);
  if (isFunction(exact) && fits(exact)) return new Map([[exact, name]]);
  const found = new Map<Function, string>();
  for (const [path, fn] of candidates(module)) if (fn.name === name && fits(fn) && !found.has(fn)) found.set(fn, path);
  return found;
}
