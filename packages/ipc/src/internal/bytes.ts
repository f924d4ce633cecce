/** Arguments that are bytes: any view or buffer, of any realm, never copied. */
import { types } from "node:util";
import { invalidType, outOfRange } from "../errors.js";

export type Bytes = ArrayBufferView | ArrayBufferLike;

/** The bytes of a view or buffer, as they lie. */
export function bytesOf(value: Bytes, doing: string): Uint8Array {
  try {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (types.isAnyArrayBuffer(value)) return new Uint8Array(value);
  } catch {
    throw invalidType(doing, "its memory was transferred elsewhere", value);
  }
  throw invalidType(doing, "expected a Buffer, a typed array, a DataView or an ArrayBuffer", value);
}

/** A part of them: `size` bytes (default: all that follow) from `offset`. */
export function sliceOf(value: Bytes, offset: number, size: number | undefined, doing: string): Uint8Array {
  const bytes = bytesOf(value, doing);
  if (offset === 0 && size === undefined) return bytes;
  const end = within(offset, "offset", bytes.length, doing);
  const length = size === undefined ? bytes.length - end : within(size, "size", bytes.length - end, doing);
  return bytes.subarray(offset, offset + length);
}

function within(value: number, what: string, most: number, doing: string): number {
  if (typeof value !== "number") throw invalidType(doing, `${what} must be a number of bytes`, value);
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw outOfRange(doing, `${what} must be a whole number of bytes from 0 to ${most}`, value);
  return value;
}
