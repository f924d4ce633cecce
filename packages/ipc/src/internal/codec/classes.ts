/** Which classes keep their identity across processes, and what they are called on the way. */
import * as errors from "../../errors.js";
import { IpcError, invalidType } from "../../errors.js";

/** How instances of a class travel. */
export interface ClassOptions<T, D = unknown> {
  /** What it is called on the way; the class's own name by default. Both sides must use the same. */
  name?: string;
  /** What to send in place of the instance: any value that can travel, except one that contains the instance. */
  pack?: (value: T) => D;
  /** Makes the instance again. */
  unpack?: (data: D) => T;
}

export interface KnownClass {
  readonly name: string;
  readonly cls: Function;
  readonly pack: ((value: never) => unknown) | undefined;
  readonly unpack: ((data: never) => unknown) | undefined;
}

const byName = new Map<string, KnownClass>();
const byPrototype = new Map<object, KnownClass>();

function add(known: KnownClass): void {
  byName.set(known.name, known);
  byPrototype.set(known.cls.prototype, known);
}

const builtInErrors = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
] as Function[];
const builtInNames = new Set(builtInErrors.map((cls) => cls.name));

function isErrorClass(value: unknown): value is Function {
  return typeof value === "function" && value.prototype instanceof Error;
}

for (const cls of [...builtInErrors, ...Object.values(errors).filter(isErrorClass)])
  add({ name: cls.name, cls, pack: undefined, unpack: undefined });

/**
 * Lets instances of a class keep their class when they travel to another process: through a Process's arguments, a
 * Queue, a Connection, a Pool or a Manager. Both sides must have registered it, which they have if each imports the
 * module that does.
 *
 * Without `pack` and `unpack` the own enumerable properties travel and the constructor does not run at the other end;
 * subclasses of Error, Map, Set and Array keep their contents too. A class with private fields (`#x`) needs both.
 * Without registration an instance arrives as a plain object, as in a structured clone. Whoever may send a message may
 * send an instance with any properties; where that is nobody of yours, check them in `unpack`.
 *
 * @param cls exactly this class; a subclass is registered by itself
 * @throws {TypeError} ERR_INVALID_ARG_TYPE when `cls` is no class, or one of `pack` and `unpack` is missing
 * @throws {IpcError} ERR_CLASS_REGISTERED when another class has that name
 *
 * @example
 * class Point { constructor(x, y) { this.x = x; this.y = y; } }
 * registerClass(Point);
 *
 * Blocks: never. Source: copyreg.pickle of Python.
 */
export function registerClass<T extends object, D = unknown>(
  cls: abstract new (...args: never[]) => T,
  options: ClassOptions<T, D> = {},
): void {
  const { name = cls?.name, pack, unpack } = options;
  checkClass(cls, name, pack, unpack);
  const other = byName.get(name);
  if (other && other.cls !== cls)
    throw new IpcError(
      "ERR_CLASS_REGISTERED",
      `cannot register the class: another one has its name, received '${name}'`,
    );
  add({ name, cls, pack: pack as KnownClass["pack"], unpack: unpack as KnownClass["unpack"] });
}

function checkClass(cls: unknown, name: unknown, pack: unknown, unpack: unknown): void {
  const doing = "register the class";
  if (typeof cls !== "function" || typeof cls.prototype !== "object" || cls.prototype === null)
    throw invalidType(doing, "it must be a class", cls);
  if (typeof name !== "string" || name === "") throw invalidType(doing, "a class without a name needs { name }", name);
  for (const hook of [pack, unpack])
    if (hook !== undefined && typeof hook !== "function")
      throw invalidType(doing, "pack and unpack must be functions", hook);
  if ((pack === undefined) !== (unpack === undefined))
    throw invalidType(doing, "pack and unpack must be given together", { pack, unpack });
}

export function classNamed(name: string): KnownClass | undefined {
  return byName.get(name);
}

/** The class that a prototype belongs to, if that very class is known. */
export function classOfPrototype(prototype: object): KnownClass | undefined {
  return byPrototype.get(prototype);
}

/** The nearest known class of an error. An error from another realm counts as the built-in of the same name. */
export function classOfError(error: object): KnownClass {
  for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const known = byPrototype.get(at);
    if (known) return known;
    const name = Object.hasOwn(at, "constructor") ? at.constructor?.name : undefined;
    if (builtInNames.has(name)) return byName.get(name)!;
  }
  return byName.get("Error")!;
}
