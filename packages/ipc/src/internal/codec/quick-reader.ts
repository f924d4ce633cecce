/**
 * The shortest way back for what the quick writer writes: checks and reads in one pass. Whatever else it meets, it
 * gives up, and the general way, scan and msgpackr, decides whether that is a value. So nothing here has to be trusted,
 * and nothing is refused here.
 */
import { type RawBuffer, raw } from "./raw-buffer.js";

/** It is not for here. */
export const NOT_QUICK: unique symbol = Symbol("not quick");

const DEEPEST = 16;
/** Keys come again and again: those of the last messages are kept, one for each place. */
const KEYS = 256;

export class QuickReader {
  private readonly view: DataView;
  private readonly keys: string[] = new Array(KEYS).fill("");
  private at = 0;
  private end = 0;

  private readonly bytes: RawBuffer;

  constructor(bytes: Buffer) {
    this.bytes = raw(bytes);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The value in the bytes from `start` to `end`, or NOT_QUICK. */
  read(start: number, end: number): unknown {
    this.at = start;
    this.end = end;
    const value = this.any(0);
    return this.at === end ? value : NOT_QUICK;
  }

  private any(depth: number): unknown {
    if (this.at >= this.end) return NOT_QUICK;
    const token = this.bytes[this.at++]!;
    if (token < 0x80) return token;
    if (token >= 0xe0) return token - 0x100;
    if (token >= 0xc0) return this.long(token, depth);
    if (token >= 0xa0) return this.string(token & 0x1f);
    return token >= 0x90 ? this.array(token & 0x0f, depth) : this.record(token & 0x0f, depth);
  }

  private long(token: number, depth: number): unknown {
    switch (token) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xcb:
        return this.skip(8) ? this.view.getFloat64(this.at - 8) : NOT_QUICK;
      case 0xcd:
        return this.skip(2) ? this.view.getUint16(this.at - 2) : NOT_QUICK;
      case 0xd2:
        return this.skip(4) ? this.view.getInt32(this.at - 4) : NOT_QUICK;
      case 0xdb:
        return this.skip(4) ? this.string(this.view.getUint32(this.at - 4)) : NOT_QUICK;
      case 0xdc:
        return this.skip(2) ? this.array(this.view.getUint16(this.at - 2), depth) : NOT_QUICK;
      case 0xde:
        return this.skip(2) ? this.record(this.view.getUint16(this.at - 2), depth) : NOT_QUICK;
      default:
        return NOT_QUICK;
    }
  }

  private skip(count: number): boolean {
    this.at += count;
    return this.at <= this.end;
  }

  private string(length: number): string | typeof NOT_QUICK {
    const start = this.at;
    return this.skip(length) ? this.bytes.utf8Slice(start, this.at) : NOT_QUICK;
  }

  private array(count: number, depth: number): unknown {
    if (depth === DEEPEST) return NOT_QUICK;
    const array: unknown[] = [];
    for (let i = 0; i < count; i++) {
      const item = this.any(depth + 1);
      if (item === NOT_QUICK) return NOT_QUICK;
      array.push(item);
    }
    return array;
  }

  private record(count: number, depth: number): unknown {
    if (depth === DEEPEST) return NOT_QUICK;
    const record: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const key = this.key();
      // Assigning to it would set the prototype.
      if (key === NOT_QUICK || key === "__proto__") return NOT_QUICK;
      const item = this.any(depth + 1);
      if (item === NOT_QUICK) return NOT_QUICK;
      record[key] = item;
    }
    return record;
  }

  /** A string with the shortest header. */
  private key(): string | typeof NOT_QUICK {
    const { bytes, at } = this;
    const token = at < this.end ? bytes[at]! : 0;
    if (token >> 5 !== 5) return NOT_QUICK;
    const length = token & 0x1f;
    this.at++;
    if (this.at + length > this.end) return NOT_QUICK;
    const place = (length * 31 + bytes[at + 1]! * 7 + bytes[at + length]!) & (KEYS - 1);
    const known = this.keys[place]!;
    if (!this.lies(known, at + 1, length)) return this.newKey(place, length);
    this.at += length;
    return known;
  }

  private newKey(place: number, length: number): string | typeof NOT_QUICK {
    const key = this.string(length);
    // As many characters as bytes: ASCII, or what stands for bytes that are no UTF-8 and is equal to no byte.
    if (key !== NOT_QUICK && key.length === length) this.keys[place] = key;
    return key;
  }

  /** Whether the text, one that newKey let in, is what lies at `at`. */
  private lies(text: string, at: number, length: number): boolean {
    if (text.length !== length) return false;
    for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== this.bytes[at + i]) return false;
    return true;
  }
}
