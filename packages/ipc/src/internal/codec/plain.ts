/** Which values can be given to the serialiser as they are. */
import { types } from "node:util";
import { MAX_DEPTH } from "./scan.js";

const { isProxy, isSharedArrayBuffer } = types;

/** Whether msgpackr keeps a string: it replaces lone surrogates, and drops a byte order mark in front of a long text. */
export function isFaithful(text: string): boolean {
  return text.charCodeAt(0) !== 0xfeff && (text as string & { isWellFormed(): boolean }).isWellFormed();
}

// A Set costs each object a hash; most messages have few objects, and for those looking through a list is faster.
const FEW = 16;

/** The objects met so far, to notice what is met again. */
class Seen {
  private readonly few: object[] = [];
  private many: Set<object> | undefined;

  /** False if it was there. */
  add(value: object): boolean {
    if (this.many) return this.many.size !== this.many.add(value).size;
    for (let i = 0; i < this.few.length; i++) if (this.few[i] === value) return false;
    if (this.few.push(value) === FEW) this.many = new Set(this.few);
    return true;
  }

  clear(): void {
    this.few.length = 0;
    this.many = undefined;
  }
}

let spare: Seen | undefined;
/** Buffers of that many bytes are not plain. */
let tooLarge = Number.POSITIVE_INFINITY;

/**
 * Whether the value is a tree of primitives, dense arrays, objects without a class, and Buffers below `limit` bytes, with
 * nothing in it that msgpack would change: then it is packed at once. Everything else goes the long way, through a heap.
 */
export function isPlain(value: unknown, limit = Number.POSITIVE_INFINITY): boolean {
  if (typeof value !== "object") return isPlainPrimitive(value);
  tooLarge = limit;
  const seen = spare ?? new Seen();
  // Taken while in use: a getter may encode something itself.
  spare = undefined;
  try {
    return isPlainObject(value, seen, 0);
  } finally {
    seen.clear();
    spare = seen;
  }
}

function isPlainPrimitive(value: unknown): boolean {
  if (typeof value === "number") return value !== 0 || 1 / value > 0;
  if (typeof value === "string") return isFaithful(value);
  return typeof value !== "function" && typeof value !== "symbol";
}

function isPlainObject(value: object | null, seen: Seen, depth: number): boolean {
  if (value === null) return true;
  if (depth >= MAX_DEPTH || !seen.add(value) || isProxy(value)) return false;
  if (Array.isArray(value)) return isPlainArray(value, seen, depth + 1);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return isPlainRecord(value, seen, depth + 1);
  if (prototype !== Buffer.prototype || (value as Buffer).length >= tooLarge) return false;
  return !isSharedArrayBuffer((value as Buffer).buffer);
}

function isPlainArray(array: unknown[], seen: Seen, depth: number): boolean {
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    if (typeof item === "object" ? !isPlainObject(item, seen, depth) : !isPlainPrimitive(item)) return false;
    if (item === undefined && !(i in array)) return false;
  }
  return Object.getPrototypeOf(array) === Array.prototype;
}

function isPlainRecord(record: object, seen: Seen, depth: number): boolean {
  for (const key of Object.keys(record)) {
    const item = (record as Record<string, unknown>)[key];
    if (typeof item === "object" ? !isPlainObject(item, seen, depth) : !isPlainPrimitive(item)) return false;
    if (key === "__proto__" || !isFaithful(key)) return false;
  }
  return true;
}
