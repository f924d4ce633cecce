/** A list of plain values in shared memory. */
import { inspect } from "node:util";
import { invalidType, outOfRange } from "./errors.js";
import { type Item, itemOf, type ShareableValue, type Shared } from "./internal/shareable/item.js";
import { bytesFor, fits, Layout } from "./internal/shareable/layout.js";
import { registerShared } from "./internal/shared-type.js";
import { SharedMemory, unpackSharedMemory } from "./shared-memory.js";

export type { ShareableValue } from "./internal/shareable/item.js";

export interface ShareableListOptions {
  /** Of the segment. With values: a new one of that name. Without: attaches to it. */
  name?: string | undefined;
  /** See SharedMemory. Default true. */
  track?: boolean | undefined;
}

const CREATE = "create the ShareableList";

function itemsOf(values: Iterable<unknown>): Item[] {
  if (typeof values?.[Symbol.iterator] !== "function") throw invalidType(CREATE, "values must be iterable", values);
  return Array.from(values, (value) => itemOf(value, CREATE));
}

/**
 * A list of fixed length whose items any process reads and changes in place: Python's `ShareableList`, in Python's own
 * layout, so a Python program may attach to it.
 *
 * Items are strings, buffers, numbers, bigints, booleans and null. Each has a slot whose size is fixed by its first
 * value: 8 bytes, or for a string or buffer the next multiple of 8 above its length in bytes. Another value, of another type
 * too, may take its place if it fits.
 *
 * Numbers: a safe integer is stored as an int64 (Python's int), any other number, and -0, as a float64 (Python's float).
 * A bigint must fit in 64 bits and comes back as a bigint. A Python int beyond the safe integers comes as a bigint.
 *
 * @example
 * const list = new ShareableList(["howdy", 1.5, null]);
 * list.set(0, "hello");
 * list.at(-1);                                       // null; elsewhere: new ShareableList(undefined, { name: list.shm.name })
 *
 * Differs from Python: a string or buffer keeps the zeros at its end. `indexOf` gives -1 where Python's `index` raises.
 *
 * Safe from: any process and thread, one item at a time and one writer of it; guard more with a Lock. Blocks: never.
 * Source: CPython Lib/multiprocessing/shared_memory.py.
 */
export class ShareableList<T = ShareableValue> implements Iterable<Shared<T>>, Disposable {
  /** The segment that holds it: close() and unlink() it when done. */
  readonly shm: SharedMemory;
  private readonly layout: Layout;

  /**
   * @param values of a new list; another list to copy it; absent to attach to the list named in the options
   * @throws {TypeError} ERR_INVALID_ARG_TYPE for a value that a list cannot hold, or neither values nor name
   * @throws {RangeError} ERR_OUT_OF_RANGE for an integer beyond 64 bits, or a segment that holds no list
   * @throws {SystemError} EEXIST, ENOENT, ENOSPC as SharedMemory
   */
  constructor(
    values?: (Iterable<T> & Iterable<ShareableValue>) | undefined,
    options: ShareableListOptions | SharedMemory = {},
  ) {
    if ((options as unknown) instanceof SharedMemory) {
      this.shm = options as SharedMemory;
      this.layout = new Layout(this.shm.buf);
      return;
    }
    const { name, track } = options as ShareableListOptions;
    const items = values === undefined ? undefined : itemsOf(values);
    if (!items && name === undefined) throw invalidType(CREATE, "values or a name must be given", values);
    this.shm = new SharedMemory(items ? { name, track, create: true, size: bytesFor(items) } : { name, track });
    this.layout = items ? Layout.write(this.shm.buf, items) : this.attached();
  }

  private attached(): Layout {
    try {
      return new Layout(this.shm.buf);
    } catch (error) {
      this.shm.close();
      throw error;
    }
  }

  get length(): number {
    return this.layout.length;
  }

  private place(index: number, doing: string): number {
    void this.shm.buf; // throws ERR_CLOSED
    const at = index < 0 ? index + this.length : index;
    if (!Number.isInteger(at) || at < 0 || at >= this.length)
      throw outOfRange(doing, `index must be a whole number from ${-this.length} to ${this.length - 1}`, index);
    return at;
  }

  /**
   * The item at `index`; a negative one counts from the end.
   * @throws {RangeError} ERR_OUT_OF_RANGE where there is none
   */
  at(index: number): Shared<T> {
    return this.layout.get(this.place(index, "read an item of the ShareableList")) as Shared<T>;
  }

  /**
   * Replaces the item at `index`. What does not fit leaves the old value.
   * @throws {RangeError} ERR_OUT_OF_RANGE where there is none, or when the value exceeds the item's storage
   * @throws {TypeError} ERR_INVALID_ARG_TYPE for a value that a list cannot hold
   */
  set(index: number, value: T | Shared<T>): void {
    const doing = "set an item of the ShareableList";
    const at = this.place(index, doing);
    const item = itemOf(value, doing);
    const room = this.layout.room(at);
    if (!fits(item, room))
      throw outOfRange(doing, `the value exceeds available storage of ${room} bytes`, `${item.bytes.length} bytes`);
    this.layout.set(at, item);
  }

  *[Symbol.iterator](): IterableIterator<Shared<T>> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /** How many items equal `value`: buffers by their bytes, everything else as Object.is. */
  count(value: T | Shared<T>): number {
    return this.toArray().filter((item) => same(item, value)).length;
  }

  /** Where the first item that equals `value` lies, -1 if nowhere. */
  indexOf(value: T | Shared<T>): number {
    return this.toArray().findIndex((item) => same(item, value));
  }

  includes(value: T | Shared<T>): boolean {
    return this.indexOf(value) >= 0;
  }

  /** The formats of all items, in the language of Python's struct. */
  get format(): string {
    void this.shm.buf;
    return Array.from({ length: this.length }, (_, i) => this.layout.format(i)).join("");
  }

  /** A copy of the items. */
  toArray(): Array<Shared<T>> {
    return [...this];
  }

  /** Closes the segment here; it stays for others. */
  [Symbol.dispose](): void {
    this.shm.close();
  }

  toString(): string {
    return `ShareableList(${inspect(this.toArray())}, name=${inspect(this.shm.name)})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function same(a: unknown, b: unknown): boolean {
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return Buffer.compare(a as Uint8Array, b as Uint8Array) === 0;
  return Object.is(a, b);
}

registerShared({
  name: "ShareableList",
  cls: ShareableList,
  pack: (list: ShareableList) => SharedMemory.pack(list.shm),
  unpack: (handle) => new ShareableList(undefined, unpackSharedMemory(handle)),
});
