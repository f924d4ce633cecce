/** Why some kinds of value cannot travel. */
import { types } from "node:util";

const { toString } = Object.prototype;

const byTag: Record<string, string> = {
  "[object WeakRef]": "a WeakRef cannot travel: its identity belongs to this process",
  "[object FinalizationRegistry]": "a FinalizationRegistry cannot travel",
  "[object Atomics]": "a namespace cannot travel",
  "[object Symbol]": "a symbol cannot travel",
  "[object Generator]": "a generator cannot travel: it is a suspended call",
  "[object AsyncGenerator]": "a generator cannot travel: it is a suspended call",
  "[object Map Iterator]": "an iterator cannot travel; send an array of what it yields",
  "[object Set Iterator]": "an iterator cannot travel; send an array of what it yields",
  "[object Array Iterator]": "an iterator cannot travel; send an array of what it yields",
  "[object String Iterator]": "an iterator cannot travel; send an array of what it yields",
  "[object RegExp String Iterator]": "an iterator cannot travel; send an array of what it yields",
  "[object Iterator Helper]": "an iterator cannot travel; send an array of what it yields",
};

function functionRefusal(fn: Function): string {
  const name = fn.name === "" ? "an anonymous function" : `function ${fn.name}`;
  return `${name} cannot travel here: only the arguments of a Process or a Pool may hold functions`;
}

/** Objects of the platform keep their state where nobody sees it and would arrive empty; their classes have tags. */
function platformRefusal(value: object): string | undefined {
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (typeof tag !== "string") return undefined;
  return `a ${tag} cannot travel: it is more than its properties; send what it is made of, or register its class`;
}

/** Why the value is refused, or undefined if it is not. */
export function refusalOf(value: object): string | undefined {
  if (typeof value === "function") return functionRefusal(value);
  if (types.isPromise(value)) return "a promise cannot travel; await it first";
  if (types.isWeakMap(value)) return "a WeakMap cannot travel: its keys belong to this process";
  if (types.isWeakSet(value)) return "a WeakSet cannot travel: its items belong to this process";
  if (types.isSharedArrayBuffer(value))
    return "a SharedArrayBuffer is shared by threads only; use SharedMemory, or copy it";
  if (types.isExternal(value)) return "a native pointer cannot travel";
  return byTag[toString.call(value)] ?? platformRefusal(value);
}
