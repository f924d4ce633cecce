/** Queues between the greenthreads of one thread; one of size 0 is a channel. */
import type { TimeOptions } from "@cordage/gevent";
import {
  checkTime,
  GETTING,
  Items,
  LastIn,
  main,
  type Order,
  PUTTING,
  QueueLines,
  Sorted,
  Tasks,
  type Waiter,
} from "@cordage/gevent/sys";
import { getCurrent } from "@cordage/greenlet";
import { QueueEmpty, QueueFull } from "@cordage/ipc";
import { integerOf } from "@cordage/ipc/sys";
import { EventletError } from "./errors.js";

function sizeOf(maxsize: number | null | undefined, doing: string): number {
  const size = integerOf(maxsize ?? -1, "maxsize", doing, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return size < 0 ? Number.POSITIVE_INFINITY : size;
}

/**
 * First in, first out, as many as `maxsize`. One of size 0 is a channel: always empty and full, whoever puts waits until somebody takes. Whoever
 * waits is served in the order in which they came; unless it is full, `put` does not wait, and unless it is empty, `get` does not.
 *
 * Safe from: the owning thread; between threads and processes there is `Queue` of `@cordage/ipc`. Source: eventlet.queue.LightQueue.
 */
export class LightQueue<T = any> {
  protected readonly items: Items<T>;
  #maxsize: number;
  readonly #lines = new QueueLines<T, T>(
    () => this.#canServe(),
    () => this.#serve(),
  );
  readonly #getters = this.#lines.getters;
  readonly #putters = this.#lines.putters;

  /**
   * @param maxsize from 0; negative or absent: no limit
   * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
   */
  constructor(maxsize?: number | null) {
    this.#maxsize = sizeOf(maxsize, "make a queue");
    this.items = this._init();
  }

  /** What holds the items. For subclasses, as the next two. */
  protected _init(): Items<T> {
    return new Items<T>();
  }

  protected _put(item: T): void {
    this.items.put(item);
  }

  protected _get(): T {
    return this.items.get();
  }

  /** Infinity: no limit. */
  get maxsize(): number {
    return this.#maxsize;
  }

  /** Those who wait for room go on if there is more. What it has too many stays. @param maxsize as for the constructor */
  resize(maxsize: number | null): void {
    this.#maxsize = sizeOf(maxsize, "resize a queue");
    if (this.#putters.length > 0) this.#lines.soon();
  }

  /** How many items it has. */
  qsize(): number {
    return this.items.length;
  }

  empty(): boolean {
    return this.items.length === 0;
  }

  full(): boolean {
    return this.items.length >= this.#maxsize;
  }

  /** How many greenthreads wait to put. */
  putting(): number {
    return this.#putters.length;
  }

  /** How many greenthreads wait for an item. */
  getting(): number {
    return this.#getters.length;
  }

  /**
   * Puts an item on the queue; waits for room, or, on a channel, for somebody who takes it.
   * @throws {QueueFull} if there was none in time
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait
   *
   * Blocks: the greenthread.
   */
  put(item: T, options?: TimeOptions): void {
    checkTime(options, PUTTING);
    if (!this.#putAtOnce(item)) this.#waitToPut(item, options);
  }

  /**
   * As {@link put}, but never waits. Each of those who wait for an item by now makes room for one: on a channel nobody else does. If he is interrupted
   * before he has it, it stays, for whoever gets next, on a channel too.
   * @throws {QueueFull}
   */
  putNoWait(item: T): void {
    if (this.#putAtOnce(item)) return;
    if (this.#leftOnceServed() >= this.#maxsize) throw new QueueFull();
    this._put(item); // too many for a moment: whoever waits takes one
    this.#lines.now();
  }

  /** How many items there are to be when all have been served who wait by now; negative if somebody goes on waiting for one. */
  #leftOnceServed(): number {
    return this.qsize() + this.#putters.length - this.#getters.length;
  }

  #putAtOnce(item: T): boolean {
    if (this.full()) return false;
    this._put(item);
    if (this.#getters.length > 0) this.#lines.soon();
    return true;
  }

  #waitToPut(item: T, options: TimeOptions | undefined): void {
    if (this.#getters.length > 0) this.#lines.soon();
    this.#lines.waitToPut(item, options);
  }

  /**
   * Takes an item; waits for one if there is none.
   * @throws {QueueEmpty} if none came in time
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait
   *
   * Blocks: the greenthread.
   */
  get(options?: TimeOptions): T {
    checkTime(options, GETTING);
    return this.empty() ? this.#waitToGet(options) : this.#take();
  }

  /**
   * As {@link get}, but never waits. On a channel it takes from somebody who waits to put; so it does in a callback of the event loop, where he goes on
   * at once.
   * @throws {QueueEmpty}
   */
  getNoWait(): T {
    while (this.empty() && this.#putters.length > 0 && this.#mayTakeFromPutters()) this.#letPut();
    if (this.empty()) throw new QueueEmpty();
    return this.#take();
  }

  /** Elsewhere he could be interrupted before he goes on, and would have put what he has not. */
  #mayTakeFromPutters(): boolean {
    return this.#maxsize === 0 || getCurrent() === main;
  }

  #take(): T {
    if (this.#putters.length > 0) this.#lines.soon();
    return this._get();
  }

  #waitToGet(options: TimeOptions | undefined): T {
    if (this.#putters.length > 0) this.#lines.soon();
    return this.#lines.waitToGet(options);
  }

  #canServe(): boolean {
    if (this.#getters.length > 0) return !this.empty() || this.#putters.length > 0;
    return this.#putters.length > 0 && !this.full();
  }

  /** Nobody can be interrupted between being given an item and having it, so that none is lost. */
  #serve(): void {
    if (this.#getters.length > 0 && !this.empty()) this.#give(this.#getters.next());
    else if (this.full()) this.#pass();
    else this.#letPut();
  }

  #give(getter: Waiter<T>): void {
    let item: T;
    try {
      item = this._get();
    } catch (error) {
      getter.failNow(error);
      return;
    }
    getter.endNow(item);
  }

  /** On a channel: from one to the other, who goes on first. */
  #pass(): void {
    const putter = this.#putters.next();
    if (!putter.puts((item) => this._put(item))) return;
    this.#give(this.#getters.next());
    putter.endNow();
  }

  #letPut(): void {
    this.#lines.letPut((item) => this._put(item));
  }

  toString(): string {
    const waiting = `${this.getting()} getting, ${this.putting()} putting`;
    return `<${this.constructor.name} ${this.qsize()} of ${this.maxsize}, ${waiting}>`;
  }
}

/** A queue that knows when everything that was put on it has been dealt with: `taskDone` and `join`. Source: eventlet.Queue. */
export class Queue<T = any> extends LightQueue<T> {
  readonly #tasks = new Tasks(EventletError);

  /** Items that were put, and for which `taskDone` was not called yet. */
  get unfinishedTasks(): number {
    return this.#tasks.unfinished;
  }

  protected override _put(item: T): void {
    super._put(item);
    this.#tasks.add();
  }

  /** One item has been dealt with. @throws {EventletError} ERR_TASK_DONE if there is none left */
  taskDone(): void {
    this.#tasks.done();
  }

  /** Waits until every item has been dealt with: true; false if the time was up before. Blocks: the greenthread. */
  join(options?: TimeOptions): boolean {
    return this.#tasks.wait(options);
  }
}

/** Last in, first out. */
export class LifoQueue<T = any> extends Queue<T> {
  protected override _init(): Items<T> {
    return new LastIn<T>();
  }
}

/** The smallest first: numbers, strings, dates and arrays as `<` has it, or by a function. Equal ones in the order in which they came. */
export class PriorityQueue<T = any> extends Queue<T> {
  /** @param order negative if `a` comes first, as for `Array.prototype.sort` */
  constructor(maxsize?: number | null, order?: Order<T>) {
    super(maxsize);
    if (order !== undefined) (this.items as Sorted<T>).orderBy(order);
  }

  protected override _init(): Items<T> {
    return new Sorted<T>();
  }
}
