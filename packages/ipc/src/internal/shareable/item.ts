/**
 * One item of a ShareableList: how it is written, and under which format. The formats are those of Python's struct,
 * the codes those of CPython's ShareableList, so that either language reads what the other wrote.
 *
 *   format       code  bytes                    read as
 *   "q"          0     int64                    number, or bigint where a number would be inexact
 *   "1q"         0     int64                    bigint (the same to struct: one q)
 *   "d"          0     float64                  number
 *   "xxxxxxx?"   0     seven unused, 0 or 1     boolean
 *   "xxxxxx?x"   3     unused                   null
 *   "<n>s"       1     UTF-8, zeros after it    string
 *   "<n>s"       2     bytes, zeros after them  Buffer
 *   "0<n>s"      1, 2  exactly n bytes          the same, where it ends in a zero, which Python drops
 */
import { types } from "node:util";
import { invalidType, outOfRange } from "../../errors.js";

export type ShareableValue = string | number | bigint | boolean | null | Uint8Array;
/** What a list gives back: bytes come as Buffers. */
export type Shared<T> = T extends Uint8Array ? Buffer : T;

export const SLOT = 8;
/** A format has eight bytes. */
const LONGEST = 9_999_999;
const LONGEST_EXACT = 999_999;
const LEAST_INT = -(2n ** 63n);
const MOST_INT = 2n ** 63n - 1n;

enum Code {
  Plain = 0,
  Text = 1,
  Bytes = 2,
  None = 3,
}

export interface Item {
  readonly format: string;
  readonly code: number;
  readonly bytes: Buffer;
  /** Whether it has a length of its own, so that its slot keeps its size. */
  readonly sized: boolean;
}

function fixed(format: string, write: (slot: Buffer) => void, code = Code.Plain): Item {
  const bytes = Buffer.alloc(SLOT);
  write(bytes);
  return { format, code, bytes, sized: false };
}

function sized(bytes: Buffer, code: Code, doing: string): Item {
  const exact = bytes.at(-1) === 0;
  const most = exact ? LONGEST_EXACT : LONGEST;
  if (bytes.length > most) throw outOfRange(doing, `strings and buffers must have at most ${most} bytes`, bytes.length);
  return { format: exact ? `0${bytes.length}s` : "", code, bytes, sized: true };
}

function ofNumber(value: number): Item {
  const whole = Number.isSafeInteger(value) && !Object.is(value, -0);
  return whole ? ofInteger("q", BigInt(value)) : fixed("d", (slot) => slot.writeDoubleLE(value));
}

function ofInteger(format: string, value: bigint): Item {
  return fixed(format, (slot) => slot.writeBigInt64LE(value));
}

function ofBigInt(value: bigint, doing: string): Item {
  if (value < LEAST_INT || value > MOST_INT) throw outOfRange(doing, "integers must fit in 64 bits with sign", value);
  return ofInteger("1q", value);
}

/** @throws {TypeError | RangeError} for a value that a list cannot hold */
export function itemOf(value: unknown, doing: string): Item {
  if (typeof value === "string") return sized(Buffer.from(value), Code.Text, doing);
  if (typeof value === "number") return ofNumber(value);
  if (typeof value === "bigint") return ofBigInt(value, doing);
  if (typeof value === "boolean") return fixed("xxxxxxx?", (slot) => slot.writeUInt8(Number(value), 7));
  if (value === null) return fixed("xxxxxx?x", () => {}, Code.None);
  if (types.isUint8Array(value)) {
    const { buffer, byteOffset, length } = value;
    return sized(Buffer.from(buffer, byteOffset, length), Code.Bytes, doing);
  }
  throw invalidType(doing, "a value must be a string, number, bigint, boolean, null or Uint8Array", value);
}

/** The bytes that a new item gets: strings and buffers have room to grow to the next eight, as in Python. */
export function slotOf(item: Item): number {
  return item.sized ? SLOT * (Math.floor(item.bytes.length / SLOT) + 1) : SLOT;
}

/** The format of an item that lies in a slot of so many bytes. */
export function formatIn(item: Item, slot: number): string {
  return item.format || `${slot}s`;
}

function trimmed(slot: Buffer, format: string): Buffer {
  if (format.startsWith("0")) return slot.subarray(0, Number.parseInt(format, 10));
  let end = slot.length;
  while (end > 0 && slot[end - 1] === 0) end--;
  return slot.subarray(0, end);
}

function integer(slot: Buffer): number | bigint {
  const value = slot.readBigInt64LE();
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** Reads an item back. */
export function valueOf(slot: Buffer, format: string, code: number): ShareableValue {
  if (code === Code.None) return null;
  if (code === Code.Text) return trimmed(slot, format).toString();
  if (code === Code.Bytes) return Buffer.from(trimmed(slot, format));
  if (format === "q") return integer(slot);
  if (format === "1q") return slot.readBigInt64LE();
  return format === "d" ? slot.readDoubleLE() : slot[7] !== 0;
}
