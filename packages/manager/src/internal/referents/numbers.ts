/** Value and Array of a manager: numbers of one kind, which are what a typed array makes of them. */
import { invalidType, NUMBER_KINDS, outOfRange } from "@cordage/ipc/sys";
import type { Caller } from "../server/caller.js";
import type { Host } from "../server/served-type.js";
import { builtIn, type Referent } from "./built-in.js";
import { bound, indexWithin } from "./indexes.js";
import { itemsOf } from "./list.js";

type Numbers = InstanceType<(typeof NUMBER_KINDS)[keyof typeof NUMBER_KINDS]>;
type Item = number | bigint;

function arrayOf(kind: unknown, length: number, doing: string): Numbers {
  if (typeof kind !== "string" || !Object.hasOwn(NUMBER_KINDS, kind))
    throw invalidType(doing, `kind must be one of ${Object.keys(NUMBER_KINDS).join(", ")}`, kind);
  return new NUMBER_KINDS[kind as keyof typeof NUMBER_KINDS](length);
}

function itemFor(data: Numbers, value: unknown, doing: string): Item {
  const wanted = data instanceof BigInt64Array || data instanceof BigUint64Array ? "bigint" : "number";
  if (typeof value === wanted) return value as Item;
  throw invalidType(doing, `it holds a ${wanted}`, value);
}

export class ArrayReferent implements Referent {
  private constructor(
    private readonly kind: string,
    protected readonly data: Numbers,
  ) {}

  /** @param source how many zeros, or the numbers */
  static of(host: Host, kind: unknown, source: unknown): ArrayReferent {
    const doing = "create an array";
    if (typeof source === "number") {
      if (!Number.isInteger(source) || source < 0 || source > 2 ** 32)
        throw outOfRange(doing, "its length must be a whole number from 0 to 2^32", source);
      return new ArrayReferent(kind as string, arrayOf(kind, source, doing));
    }
    const items = itemsOf(host, source, doing);
    const data = arrayOf(kind, items.length, doing);
    items.forEach((item, i) => {
      data[i] = itemFor(data, item, doing);
    });
    return new ArrayReferent(kind as string, data);
  }

  private index(index: unknown, doing: string): number {
    return indexWithin(index, this.data.length, doing, "array");
  }

  get(_caller: Caller, index: unknown): Item {
    return this.data[this.index(index, "get from the array")]!;
  }

  set(_caller: Caller, index: unknown, value: unknown): void {
    const doing = "set in the array";
    this.data[this.index(index, doing)] = itemFor(this.data, value, doing);
  }

  /** Adds to an item in one step; returns what is there then. */
  add(_caller: Caller, index: unknown, by: unknown): Item {
    const doing = "add to an item of the array";
    const at = this.index(index, doing);
    const sum = (this.data[at] as number) + (itemFor(this.data, by, doing) as number);
    this.data[at] = sum;
    return this.data[at]!;
  }

  length(_caller?: Caller): number {
    return this.data.length;
  }

  slice(_caller: Caller, start?: unknown, end?: unknown): Numbers {
    const doing = "slice the array";
    return this.data.slice(bound(start, doing), bound(end, doing));
  }

  fill(_caller: Caller, value: unknown, start?: unknown, end?: unknown): void {
    const doing = "fill the array";
    this.data.fill(itemFor(this.data, value, doing) as never, bound(start, doing), bound(end, doing));
  }

  toText(_caller: Caller): string {
    return `<Array(${this.kind}, ${this.data.length})>`;
  }

  iterate(): unknown[] {
    return [...this.data];
  }

  value(): unknown {
    return this.data.slice();
  }
}

export class ValueReferent implements Referent {
  private readonly data: Numbers | undefined;
  private flag = false;

  constructor(
    private readonly kind: string,
    initial: unknown,
  ) {
    this.data = kind === "bool" ? undefined : arrayOf(kind, 1, "create a value");
    if (initial !== undefined) this.store(initial, "create a value");
  }

  private store(value: unknown, doing: string): void {
    if (this.data) this.data[0] = itemFor(this.data, value, doing);
    else if (typeof value === "boolean") this.flag = value;
    else throw invalidType(doing, "it holds a boolean", value);
  }

  get(_caller?: Caller): Item | boolean {
    return this.data ? this.data[0]! : this.flag;
  }

  set(_caller: Caller, value: unknown): void {
    this.store(value, "set the value");
  }

  /** Adds in one step; returns what is there then. */
  add(_caller: Caller, by: unknown): Item {
    const doing = "add to the value";
    if (!this.data) throw invalidType(doing, "nothing can be added to a boolean", by);
    this.data[0] = (this.data[0] as number) + (itemFor(this.data, by, doing) as number);
    return this.data[0]!;
  }

  toText(_caller: Caller): string {
    return `<Value(${this.kind}, ${this.get()})>`;
  }

  value(): unknown {
    return this.get();
  }
}

export const value = builtIn<ValueReferent>({
  typeid: "Value",
  exposed: ["get", "set", "add", "toText"],
  make: (_host, [kind, initial]) => new ValueReferent(kind, initial),
});
export const array = builtIn<ArrayReferent>({
  typeid: "Array",
  exposed: ["get", "set", "add", "length", "slice", "fill", "toText"],
  make: (host, [kind, source]) => ArrayReferent.of(host, kind, source),
});
