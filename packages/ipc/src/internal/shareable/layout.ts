/**
 * The layout of a ShareableList's segment, CPython's own (multiprocessing/shared_memory.py), for n items:
 *   0                   int64    n
 *   8                   int64 x (n + 1)   where each slot begins, counted from the first, and where the last one ends
 *   8 (n + 2)           the slots
 *   after them          8 bytes x n       formats, padded with zeros
 *   after them          1 byte x n        codes (see item.ts)
 *
 * INVARIANT: n and the slots' places never change. A slot, its format and its code are three stores without a lock, as in
 * Python: whoever reads while another writes may see the new bytes under the old format, and nobody's neighbours.
 */
import { outOfRange } from "../../errors.js";
import { formatIn, type Item, type ShareableValue, SLOT, slotOf, valueOf } from "./item.js";

const WORD = 8;

export function bytesFor(items: readonly Item[]): number {
  return WORD * (items.length + 2) + items.reduce((sum, item) => sum + slotOf(item), 0) + (WORD + 1) * items.length;
}

export class Layout {
  readonly length: number;
  private readonly slots: number;
  private readonly formats: number;
  private readonly codes: number;

  /** @throws {RangeError} ERR_OUT_OF_RANGE when the bytes hold no list */
  constructor(private readonly buf: Buffer) {
    this.length = this.word(0);
    this.slots = WORD * (this.length + 2);
    if (!this.plausible(this.slots)) throw notAList(buf.length);
    this.formats = this.slots + this.word(WORD * (this.length + 1));
    this.codes = this.formats + WORD * this.length;
    if (!this.plausible(this.codes + this.length)) throw notAList(buf.length);
  }

  private plausible(end: number): boolean {
    return Number.isSafeInteger(end) && end >= WORD && end <= this.buf.length;
  }

  private word(at: number): number {
    return this.buf.length < at + WORD ? -1 : Number(this.buf.readBigInt64LE(at));
  }

  /** Lays a new list out in zeroed memory. */
  static write(buf: Buffer, items: readonly Item[]): Layout {
    buf.writeBigInt64LE(BigInt(items.length), 0);
    let end = 0;
    items.forEach((item, i) => {
      end += slotOf(item);
      buf.writeBigInt64LE(BigInt(end), WORD * (i + 2));
    });
    const layout = new Layout(buf);
    items.forEach((item, i) => {
      layout.set(i, item);
    });
    return layout;
  }

  private slot(i: number): Buffer {
    const from = this.word(WORD * (i + 1));
    const to = this.word(WORD * (i + 2));
    if (from < 0 || to < from || this.slots + to > this.formats) throw notAList(this.buf.length);
    return this.buf.subarray(this.slots + from, this.slots + to);
  }

  private formatAt(i: number): Buffer {
    return this.buf.subarray(this.formats + WORD * i, this.formats + WORD * (i + 1));
  }

  room(i: number): number {
    return this.slot(i).length;
  }

  format(i: number): string {
    return this.formatAt(i).toString("latin1").replace(/\0+$/, "");
  }

  get(i: number): ShareableValue {
    return valueOf(this.slot(i), this.format(i), this.buf[this.codes + i]!);
  }

  /** The item must fit. */
  set(i: number, item: Item): void {
    const slot = this.slot(i);
    slot.fill(0).set(item.bytes);
    this.formatAt(i).fill(0).write(formatIn(item, slot.length), "latin1");
    this.buf[this.codes + i] = item.code;
  }
}

/** Whether an item may replace another one in a slot of so many bytes. */
export function fits(item: Item, room: number): boolean {
  return Math.max(item.bytes.length, item.sized ? 0 : SLOT) <= room;
}

function notAList(bytes: number): RangeError {
  return outOfRange("use the ShareableList", "the segment must hold one", `a segment of ${bytes} bytes`);
}
