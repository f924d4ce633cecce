/** What the queues hold, in their orders. */
import { Fifo, invalidType } from "@cordage/ipc/sys";

/** The first in is the first out. */
export class Items<T> {
  private readonly fifo = new Fifo<T>();

  get length(): number {
    return this.fifo.length;
  }

  put(item: T): void {
    this.fifo.push(item);
  }

  get(): T {
    return this.fifo.shift()!;
  }

  peek(): T {
    return this.fifo.first!;
  }
}

/** The last in is the first out. */
export class LastIn<T> extends Items<T> {
  private readonly stack: T[] = [];

  override get length(): number {
    return this.stack.length;
  }

  override put(item: T): void {
    this.stack.push(item);
  }

  override get(): T {
    return this.stack.pop()!;
  }

  override peek(): T {
    return this.stack.at(-1)!;
  }
}

/** Negative if `a` is first. */
export type Order<T> = (a: T, b: T) => number;

interface Numbered<T> {
  item: T;
  number: number;
}

/** The smallest first: a binary heap. Equal ones in the order in which they came. */
export class Sorted<T> extends Items<T> {
  private order: Order<T> = byOperators;
  private readonly heap: Numbered<T>[] = [];
  private count = 0;

  /** @throws {TypeError} ERR_INVALID_ARG_TYPE */
  orderBy(order: Order<T>): void {
    if (typeof order !== "function") throw invalidType("make a queue", "order must be a function", order);
    this.order = order;
  }

  override get length(): number {
    return this.heap.length;
  }

  override put(item: T): void {
    const one = { item, number: this.count++ };
    this.shift(this.wayUp(one), one);
  }

  override get(): T {
    const { item } = this.heap[0]!;
    const way = this.wayDown();
    const last = this.heap.pop()!;
    if (this.heap.length > 0) this.shift(way, last);
    return item;
  }

  override peek(): T {
    return this.heap[0]!.item;
  }

  /** From the end to the place of a new one. Nothing is moved before all is compared: `order` is the user's, and may throw. */
  private wayUp(one: Numbered<T>): number[] {
    const way = [this.heap.length];
    for (let index = way[0]!; index > 0; way.push(index)) {
      const parent = (index - 1) >> 1;
      if (!this.before(one, this.heap[parent]!)) break;
      index = parent;
    }
    return way;
  }

  /** From the first to the place of the last, which is to take its place. */
  private wayDown(): number[] {
    const length = this.heap.length - 1;
    const way = [0];
    for (let index = 0; ; way.push(index)) {
      let child = 2 * index + 1;
      if (child + 1 < length && this.before(this.heap[child + 1]!, this.heap[child]!)) child++;
      if (child >= length || !this.before(this.heap[child]!, this.heap[length]!)) return way;
      index = child;
    }
  }

  /** Each place of the way is given what the next one has, the last place the one. */
  private shift(way: number[], one: Numbered<T>): void {
    for (let i = 1; i < way.length; i++) this.heap[way[i - 1]!] = this.heap[way[i]!]!;
    this.heap[way.at(-1)!] = one;
  }

  private before(a: Numbered<T>, b: Numbered<T>): boolean {
    const order = this.order(a.item, b.item);
    return order < 0 || (order === 0 && a.number < b.number);
  }
}

function byOperators(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) return byElements(a, b);
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

/** As Python compares tuples: `[priority, item]` works. */
function byElements(a: unknown[], b: unknown[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = byOperators(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
