/** The functions that tasks call: each has a number, and the reference by which a worker finds it. */
import { encode, type FunctionReference, invalidType, referenceOf } from "@cordage/ipc/sys";

export interface PoolFunction {
  readonly id: number;
  /** For people: what tracing shows. */
  readonly name: string;
  /** The reference, encoded. */
  readonly reference: Buffer;
}

const byFunction = new WeakMap<Function, PoolFunction>();
const byUrl = new Map<string, PoolFunction>();
let count = 0;

function numbered(reference: FunctionReference): PoolFunction {
  return { id: ++count, name: reference.name, reference: encode(reference) };
}

/**
 * @throws {TypeError} ERR_INVALID_ARG_TYPE when it is neither a function nor a URL
 * @throws {CodecError} ERR_NOT_SERIALIZABLE when no other process could find it
 */
export function poolFunction(fn: Function | URL, doing: string): PoolFunction {
  if (typeof fn === "function") {
    const known = byFunction.get(fn);
    if (known) return known;
    const made = numbered(referenceOf(fn));
    byFunction.set(fn, made);
    return made;
  }
  if (!(fn instanceof URL)) throw invalidType(doing, "it needs a function, or a URL with a fragment", fn);
  const known = byUrl.get(fn.href);
  if (known) return known;
  const made = numbered(referenceOf(fn));
  byUrl.set(fn.href, made);
  return made;
}
