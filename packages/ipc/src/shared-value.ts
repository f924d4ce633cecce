/** One number or flag in shared memory. */
import { inspect } from "node:util";
import { invalidType, outOfRange } from "./errors.js";
import { adoptCell, allocateCell, type Cell, type CellHandle } from "./internal/cell.js";
import { NUMBER_KINDS } from "./internal/number-kinds.js";
import { registerShared } from "./internal/shared-type.js";
import { lockOf, requireLock } from "./internal/value-lock.js";
import type { Lock } from "./lock.js";

/*
 * Layout: the value, at the start of its cell, in the representation of the typed array of its kind. Every access is one
 * aligned load, store or atomic operation: nobody ever sees half a value, also if a process dies.
 */
const VIEWS = { ...NUMBER_KINDS, bool: Uint8Array };

/** What a {@link SharedValue} may hold. */
export type SharedKind = keyof typeof VIEWS;
/** The type of a kind's value: bigint for the 64-bit integers, boolean for bool, else number. */
export type ValueOfKind<K extends SharedKind> = K extends "int64" | "uint64"
  ? bigint
  : K extends "bool"
    ? boolean
    : number;
/** What can be added to a kind: nothing to a bool. */
export type AddendOfKind<K extends SharedKind> = K extends "bool" ? never : ValueOfKind<K>;

export interface SharedValueOptions {
  /** A lock of yours, `true` (the default) for an RLock of its own, `false` for none. */
  lock?: boolean | Lock | undefined;
}

type View = InstanceType<(typeof VIEWS)[SharedKind]>;
type Integers = Int32Array; // stands for any of them: Atomics takes them all

/**
 * A value that every process which has it sees.
 *
 * Reading and writing `value` is atomic and does not take the lock; `value.value += 1` is two steps, for which hold
 * `getLock()` or use `add`. A number that does not fit is stored as a typed array would: integers modulo 2^bits, fractions
 * of integers cut off.
 *
 * Differs from Python: `value` does not acquire the lock. The lock guards only those who take it.
 *
 * @example
 * const counter = new SharedValue("int32", 0);
 * counter.add(1);
 *
 * Safe from: any process and thread. Source: CPython multiprocessing/sharedctypes.py.
 */
export class SharedValue<K extends SharedKind> {
  readonly kind: K;
  private readonly cell: Cell;
  private readonly view: View;
  /** Memory of its own, that makes a sum what a value of this kind can be. */
  private readonly sum: View;
  private readonly lock: Lock | undefined;

  /**
   * @param initial zero, or false, where it is not given
   * @throws {TypeError} ERR_INVALID_ARG_TYPE when there is no such kind, or `initial` or `lock` is of another type
   */
  constructor(kind: K, initial?: ValueOfKind<K>, options: SharedValueOptions = {}, /** @internal */ cell?: unknown) {
    const doing = "create a shared value";
    if (!Object.hasOwn(VIEWS, kind))
      throw invalidType(doing, `kind must be one of ${Object.keys(VIEWS).join(", ")}`, kind);
    this.kind = kind;
    this.lock = lockOf(options.lock, doing);
    this.cell = (cell as Cell | undefined) ?? allocateCell(8);
    this.view = new VIEWS[kind](this.cell.buffer, this.cell.byteOffset, 1);
    this.sum = new VIEWS[kind](1);
    if (initial !== undefined) this.value = initial;
  }

  /**
   * The value now.
   * @throws {TypeError} ERR_INVALID_ARG_TYPE when set to a value of another type
   */
  get value(): ValueOfKind<K> {
    const value = this.view[0]!;
    return (this.kind === "bool" ? value !== 0 : value) as ValueOfKind<K>;
  }

  set value(value: ValueOfKind<K>) {
    const wanted = this.kind === "bool" ? "boolean" : typeof this.view[0];
    if (typeof value !== wanted) throw invalidType(`set a shared ${this.kind}`, `the value must be a ${wanted}`, value);
    (this.view as Integers)[0] = (wanted === "boolean" ? Number(value) : value) as number;
  }

  /** Its lock. @throws {IpcError} ERR_NO_LOCK when it was created with `lock: false` */
  getLock(): Lock {
    return requireLock(this.lock, "shared value");
  }

  /**
   * Adds n in one step that nothing can come between, and returns the new value. No lock is taken.
   * @throws {TypeError} ERR_INVALID_ARG_TYPE when n is of another type, or the kind is bool
   * @throws {RangeError} ERR_OUT_OF_RANGE when a fraction is added to an integer
   */
  add(n: AddendOfKind<K>): ValueOfKind<K> {
    const { view, kind } = this;
    // The plain case first: this is what counters are made of.
    if (kind === "int32" && typeof n === "number" && n === (n | 0))
      return ((Atomics.add(view as Int32Array, 0, n) + n) | 0) as ValueOfKind<K>;
    checkAddend(kind, n);
    if (kind === "float32" || kind === "float64") return addFloat(view as Float64Array, n as number) as ValueOfKind<K>;
    const sum = this.sum as Integers;
    sum[0] = Atomics.add(view as Integers, 0, n as number) + (n as number);
    return sum[0] as ValueOfKind<K>;
  }

  toString(): string {
    return `<${this.constructor.name}(${inspect(this.kind)}, ${inspect(this.value)})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function checkAddend(kind: SharedKind, n: unknown): void {
  const doing = `add to a shared ${kind}`;
  if (kind === "bool") throw invalidType(doing, "it is no number", n);
  const wanted = kind === "int64" || kind === "uint64" ? "bigint" : "number";
  if (typeof n !== wanted) throw invalidType(doing, `what is added must be a ${wanted}`, n);
  if (wanted === "number" && !kind.startsWith("float") && !Number.isSafeInteger(n))
    throw outOfRange(doing, "what is added must be a whole number", n);
}

// There is no atomic addition of floats: the sum is stored only if the bits are still those it was made from.
function addFloat(view: Float64Array | Float32Array, n: number): number {
  const double = view.BYTES_PER_ELEMENT === 8;
  const Bits = (double ? BigInt64Array : Int32Array) as typeof Int32Array;
  const shared = new Bits(view.buffer, view.byteOffset, 1);
  const sum = double ? new Float64Array(1) : new Float32Array(1);
  const sumBits = new Bits(sum.buffer);
  let bits = Atomics.load(shared, 0);
  for (;;) {
    sumBits[0] = bits;
    sum[0]! += n;
    const seen = Atomics.compareExchange(shared, 0, bits, sumBits[0]!);
    if (seen === bits) return sum[0]!;
    bits = seen;
  }
}

interface PackedValue {
  kind: SharedKind;
  cell: CellHandle;
  lock: Lock | false;
}

registerShared({
  name: "SharedValue",
  cls: SharedValue,
  pack(value: SharedValue<SharedKind>): PackedValue {
    const { cell, lock } = value as unknown as { cell: Cell; lock: Lock | undefined };
    return { kind: value.kind, cell: cell.handle(), lock: lock ?? false };
  },
  unpack(data) {
    const { kind, cell, lock } = data as PackedValue;
    return new SharedValue(kind, undefined, { lock }, adoptCell(cell));
  },
});
