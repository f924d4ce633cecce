/**
 * The shortest way for the plainest values: numbers, strings, booleans, null, arrays and objects without a class, few
 * and not deep. Looks and writes in one pass, the same bytes as msgpackr (wire.ts) in half the time. Whatever else it
 * meets, it gives up, and the value goes the general way, which decides what is wrong or special about it.
 */
import { types } from "node:util";
import { isFaithful } from "./plain.js";
import { type RawBuffer, raw } from "./raw-buffer.js";

/** How deep it goes, and among how many objects it looks for one met before: those that are shared travel as a heap. */
const DEEPEST = 16;
const MOST_OBJECTS = 16;
/** Up to here writing character by character is faster than a call. */
const SHORT = 32;
const NUMBER_BYTES = 9;
const HEADER_BYTES = 5;

const { isProxy } = types;

export class QuickWriter {
  private readonly view: DataView;
  /** The first `met` are those met in this value; an array that is emptied by its length would get new memory each time. */
  private readonly seen: (object | undefined)[] = new Array(MOST_OBJECTS).fill(undefined);
  private met = 0;
  private at = 0;
  private busy = false;

  private readonly bytes: RawBuffer;

  constructor(bytes: Buffer) {
    this.bytes = raw(bytes);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Writes the value from `start` on; returns where it ends, or -1: it is not for here. */
  write(value: unknown, start: number): number {
    // A getter may encode something itself.
    if (this.busy) return -1;
    this.busy = true;
    this.at = start;
    try {
      return this.any(value, 0) ? this.at : -1;
    } finally {
      while (this.met > 0) this.seen[--this.met] = undefined;
      this.busy = false;
    }
  }

  private any(value: unknown, depth: number): boolean {
    if (this.at + NUMBER_BYTES > this.bytes.length) return false;
    switch (typeof value) {
      case "number":
        return this.number(value);
      case "string":
        return this.string(value);
      case "boolean":
        this.bytes[this.at++] = value ? 0xc3 : 0xc2;
        return true;
      case "object":
        if (value !== null) return this.object(value, depth);
        this.bytes[this.at++] = 0xc0;
        return true;
      default:
        return false;
    }
  }

  private number(value: number): boolean {
    if ((value | 0) !== value) return this.float(value);
    const { bytes } = this;
    if (value > 0 ? value < 0x80 : value > -0x20) {
      if (value === 0 && 1 / value < 0) return false;
      bytes[this.at++] = value & 0xff;
    } else if (value > 0 && value < 0x10000) {
      bytes[this.at] = 0xcd;
      bytes[this.at + 1] = value >> 8;
      bytes[this.at + 2] = value;
      this.at += 3;
    } else {
      bytes[this.at] = 0xd2;
      this.view.setInt32(this.at + 1, value);
      this.at += 5;
    }
    return true;
  }

  private float(value: number): boolean {
    this.bytes[this.at] = 0xcb;
    this.view.setFloat64(this.at + 1, value);
    this.at += NUMBER_BYTES;
    return true;
  }

  private string(text: string): boolean {
    const { length } = text;
    if (length >= SHORT) return this.longString(text);
    const { bytes, at } = this;
    if (at + 1 + length > bytes.length) return false;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return this.longString(text);
      bytes[at + 1 + i] = code;
    }
    bytes[at] = 0xa0 | length;
    this.at = at + 1 + length;
    return true;
  }

  private longString(text: string): boolean {
    // Before it is looked through: it may be very long.
    if (this.at + HEADER_BYTES + text.length > this.bytes.length || !isFaithful(text)) return false;
    const length = Buffer.byteLength(text);
    if (this.at + HEADER_BYTES + length > this.bytes.length) return false;
    this.bytes[this.at] = 0xdb;
    this.view.setUint32(this.at + 1, length);
    this.at += HEADER_BYTES;
    // As many bytes as characters: it is ASCII, which is Latin-1 too and faster so.
    if (length === text.length) this.bytes.latin1Write(text, this.at);
    else this.bytes.utf8Write(text, this.at);
    this.at += length;
    return true;
  }

  private object(value: object, depth: number): boolean {
    const { seen } = this;
    if (depth === DEEPEST || this.met === MOST_OBJECTS || isProxy(value)) return false;
    for (let i = 0; i < this.met; i++) if (seen[i] === value) return false;
    seen[this.met++] = value;
    const prototype = Object.getPrototypeOf(value);
    if (Array.isArray(value)) return prototype === Array.prototype && this.array(value, depth + 1);
    if (prototype !== Object.prototype && prototype !== null) return false;
    return this.record(value as Record<string, unknown>, depth + 1);
  }

  private array(array: unknown[], depth: number): boolean {
    const { length } = array;
    if (length > 0xffff) return false;
    this.header(0x90, 0xdc, length);
    // A hole reads as undefined, which is not for here.
    for (let i = 0; i < length; i++) if (!this.any(array[i], depth)) return false;
    return true;
  }

  private record(record: Record<string, unknown>, depth: number): boolean {
    const keys = Object.keys(record);
    if (keys.length > 0xffff) return false;
    this.header(0x80, 0xde, keys.length);
    for (const key of keys) if (key === "__proto__" || !this.string(key) || !this.any(record[key], depth)) return false;
    return true;
  }

  private header(short: number, long: number, count: number): void {
    const { bytes } = this;
    if (count < 16) {
      bytes[this.at++] = short | count;
    } else {
      bytes[this.at] = long;
      bytes[this.at + 1] = count >> 8;
      bytes[this.at + 2] = count;
      this.at += 3;
    }
  }
}
