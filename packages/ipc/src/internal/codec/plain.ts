/** Which values can be given to the serialiser as they are. */
import { types } from "node:util";
import { MAX_DEPTH } from "./scan.js";

const { isProxy } = types;
const isWellFormed = (text: string): boolean => (text as string & { isWellFormed(): boolean }).isWellFormed();

/**
 * Whether the value is a tree of primitives, dense arrays, objects without a class, and Buffers, with nothing in it
 * that msgpack would change: then it is packed at once. Everything else goes the long way, through a heap.
 */
export function isPlain(value: unknown): boolean {
  if (typeof value !== "object") return isPlainPrimitive(value);
  const seen = spare ?? new Set();
  // Taken while in use: a getter may encode something itself.
  spare = undefined;
  try {
    return isPlainObject(value, seen, 0);
  } finally {
    seen.clear();
    spare = seen;
  }
}

let spare: Set<object> | undefined;

function isPlainPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case "string":
      return isWellFormed(value);
    case "number":
      return value !== 0 || 1 / value > 0;
    case "boolean":
    case "undefined":
    case "bigint":
      return true;
    default:
      return false;
  }
}

function isPlainObject(value: object | null, seen: Set<object>, depth: number): boolean {
  if (value === null) return true;
  if (depth >= MAX_DEPTH || seen.has(value) || isProxy(value)) return false;
  seen.add(value);
  if (Array.isArray(value)) return isPlainArray(value, seen, depth + 1);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return isPlainRecord(value, seen, depth + 1);
  return prototype === Buffer.prototype && isUnshared(value as Buffer);
}

function isUnshared(buffer: Buffer): boolean {
  return !types.isSharedArrayBuffer(buffer.buffer);
}

function isPlainArray(array: unknown[], seen: Set<object>, depth: number): boolean {
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    if (typeof item === "object" ? !isPlainObject(item, seen, depth) : !isPlainPrimitive(item)) return false;
    if (item === undefined && !(i in array)) return false;
  }
  return Object.getPrototypeOf(array) === Array.prototype;
}

function isPlainRecord(record: object, seen: Set<object>, depth: number): boolean {
  for (const key of Object.keys(record)) {
    const item = (record as Record<string, unknown>)[key];
    if (typeof item === "object" ? !isPlainObject(item, seen, depth) : !isPlainPrimitive(item)) return false;
    if (key === "__proto__" || !isWellFormed(key)) return false;
  }
  return true;
}
