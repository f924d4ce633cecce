/** A typed array in shared memory. */
import { inspect } from "node:util";
import { invalidType, outOfRange } from "./errors.js";
import { adoptCell, allocateCell, type Cell, type CellHandle } from "./internal/cell.js";
import { Segment, type SegmentHandle } from "./internal/segment.js";
import { registerShared } from "./internal/shared-type.js";
import { lockOf, requireLock } from "./internal/value-lock.js";
import type { Lock } from "./lock.js";

/*
 * Layout: the elements, from the start of a cell (up to 64 KiB) or of a segment of its own. An access of an element is
 * one aligned load or store: nobody ever sees half of one, also if a process dies.
 */
const CTORS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
};
const MOST_IN_CELL = 64 * 1024;

/** Any of the typed arrays. */
export type TypedArray = InstanceType<(typeof CTORS)[keyof typeof CTORS]>;
type Element<A extends TypedArray> = A extends BigInt64Array | BigUint64Array ? bigint : number;

/** The class of a typed array. */
export interface TypedArrayConstructor<A extends TypedArray> {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): A;
}

export interface SharedArrayOptions {
  /** A lock of yours, `true` (the default) for an RLock of its own, `false` for none. */
  lock?: boolean | Lock | undefined;
}

/** Where the elements are: a cell, or a segment for many. */
type Memory = Cell | Segment;
// The memory of a cell goes to somebody else once nothing refers to the cell: as long as the view is there, it does.
const memoryOf = new WeakMap<TypedArray, Memory>();

/**
 * An array of numbers that every process which has it sees, as an ordinary typed array: `shared.array[0] = 1`.
 *
 * Keep the SharedArray, or its `array`, for as long as you use a part of it (`array.subarray(...)`).
 *
 * @example
 * const squares = new SharedArray(Float64Array, 1000);
 * using held = squares.getLock().holdSync();
 * squares.array.fill(2.5);
 *
 * Safe from: any process and thread; the lock guards only those who take it. Source: CPython
 * multiprocessing/sharedctypes.py.
 */
export class SharedArray<A extends TypedArray> {
  readonly array: A;
  private readonly lock: Lock | undefined;

  /**
   * @param ctor the class of the typed array
   * @param lengthOrValues how many zeros, or what it holds at first
   * @throws {TypeError} ERR_INVALID_ARG_TYPE when `ctor` is no typed array's, or the rest is of another type
   * @throws {RangeError} ERR_OUT_OF_RANGE when the length is no whole number from 0
   */
  constructor(
    ctor: TypedArrayConstructor<A>,
    lengthOrValues: number | Iterable<Element<A>>,
    options: SharedArrayOptions = {},
    /** @internal */ memory?: unknown,
  ) {
    const doing = "create a shared array";
    checkConstructor(ctor, doing);
    const values = typeof lengthOrValues === "number" ? undefined : valuesOf<A>(lengthOrValues, doing);
    const length = values ? values.length : lengthOf(lengthOrValues as number, doing);
    this.lock = lockOf(options.lock, doing);
    const where = (memory as Memory | undefined) ?? memoryFor(length * ctor.BYTES_PER_ELEMENT);
    this.array = new ctor(where.buffer, where instanceof Segment ? 0 : where.byteOffset, length);
    memoryOf.set(this.array, where);
    if (values) (this.array as { set(values: Element<A>[]): void }).set(values);
  }

  /** Its lock. @throws {IpcError} ERR_NO_LOCK when it was created with `lock: false` */
  getLock(): Lock {
    return requireLock(this.lock, "shared array");
  }

  toString(): string {
    return `<${this.constructor.name}(${inspect(this.array)})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function checkConstructor(ctor: unknown, doing: string): void {
  const name = typeof ctor === "function" ? ctor.name : "";
  if (!Object.hasOwn(CTORS, name))
    throw invalidType(doing, `ctor must be one of ${Object.keys(CTORS).join(", ")}`, ctor);
}

function valuesOf<A extends TypedArray>(values: Iterable<Element<A>>, doing: string): Element<A>[] {
  if (typeof values !== "object" || values === null || !(Symbol.iterator in values))
    throw invalidType(doing, "lengthOrValues must be a number or an iterable of values", values);
  return Array.from(values);
}

function lengthOf(length: number, doing: string): number {
  if (Number.isSafeInteger(length) && length >= 0) return length;
  throw outOfRange(doing, "length must be a whole number from 0", length);
}

function memoryFor(bytes: number): Memory {
  return bytes <= MOST_IN_CELL ? allocateCell(Math.max(bytes, 1)) : Segment.create(bytes, "array");
}

interface PackedArray {
  ctor: keyof typeof CTORS;
  length: number;
  cell?: CellHandle;
  segment?: SegmentHandle;
  lock: Lock | false;
}

registerShared({
  name: "SharedArray",
  cls: SharedArray,
  pack(shared: SharedArray<TypedArray>): PackedArray {
    const { array, lock } = shared as unknown as { array: TypedArray; lock: Lock | undefined };
    const memory = memoryOf.get(array)!;
    return {
      ctor: array.constructor.name as keyof typeof CTORS,
      length: array.length,
      ...(memory instanceof Segment ? { segment: memory.handle() } : { cell: memory.handle() }),
      lock: lock ?? false,
    };
  },
  unpack(data) {
    const { ctor, length, cell, segment, lock } = data as PackedArray;
    const memory = cell ? adoptCell(cell) : Segment.open(segment!);
    return new SharedArray<TypedArray>(CTORS[ctor] as TypedArrayConstructor<TypedArray>, length, { lock }, memory);
  },
});
