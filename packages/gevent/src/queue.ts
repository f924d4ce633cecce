/** Queues between the greenlets of one thread. */
import { QueueEmpty, QueueFull, QueueShutDown } from "@cordage/ipc";
import { integerOf } from "@cordage/ipc/sys";
import { GeventError } from "./errors.js";
import { isInterrupted } from "./internal/interrupt.js";
import { Items, LastIn, type Order, Sorted } from "./internal/items.js";
import { GETTING, PUTTING, Putter, QueueLines } from "./internal/queue-lines.js";
import { Tasks } from "./internal/tasks.js";
import { checkTime, inTime, type TimeOptions } from "./internal/time.js";
import { Waiter } from "./internal/waiter.js";

export { QueueEmpty, QueueFull, QueueShutDown };

/** Put on a queue, it ends a loop over it. */
export const StopIteration: unique symbol = Symbol("StopIteration");

/**
 * First in, first out, as many as `maxsize`. Whoever waits is served in the order in which they came.
 *
 * Safe from: the owning thread; between threads and processes there is `Queue` of `@cordage/ipc`. Source: gevent.queue.
 */
export class SimpleQueue<T = any> implements Iterable<T> {
  /** Infinity: no limit. */
  readonly maxsize: number;
  protected readonly items: Items<T>;
  readonly #lines = new QueueLines<T, void>(
    () => this.#canServe(),
    () => this.#serve(),
  );
  readonly #getters = this.#lines.getters;
  readonly #putters = this.#lines.putters;
  #isShutDown = false;

  /**
   * @param maxsize from 1; 0 or absent: no limit
   * @param items what is in it at first
   * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
   */
  constructor(maxsize: number | null = 0, items?: Iterable<T>) {
    const most = integerOf(maxsize ?? 0, "maxsize", "make a queue", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    this.maxsize = most > 0 ? most : Number.POSITIVE_INFINITY;
    this.items = this._init();
    for (const item of items ?? []) this._put(item);
  }

  /** What holds the items. For subclasses, as the next three. */
  protected _init(): Items<T> {
    return new Items<T>();
  }

  protected _put(item: T): void {
    this.items.put(item);
  }

  protected _get(): T {
    return this.items.get();
  }

  protected _peek(): T {
    return this.items.peek();
  }

  /** How many items it has. */
  qsize(): number {
    return this.items.length;
  }

  empty(): boolean {
    return this.items.length === 0;
  }

  full(): boolean {
    return this.items.length >= this.maxsize;
  }

  /** How many greenlets wait for an item. */
  get waitingGetters(): number {
    return this.#getters.length;
  }

  /** How many greenlets wait for room. */
  get waitingPutters(): number {
    return this.#putters.length;
  }

  /**
   * Puts an item on the queue, and waits for room if there is none.
   * @throws {QueueFull} if there was none in time, @throws {QueueShutDown}
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait
   *
   * Blocks: the greenlet.
   */
  put(item: T, options?: TimeOptions): void {
    checkTime(options, PUTTING);
    if (!this.#putAtOnce(item)) this.#lines.waitToPut(item, options);
  }

  /** @throws {QueueFull} if there is no room, @throws {QueueShutDown} */
  putNoWait(item: T): void {
    if (!this.#putAtOnce(item)) throw new QueueFull();
  }

  #putAtOnce(item: T): boolean {
    if (this.#isShutDown) throw shutDown(PUTTING);
    if (this.full() || this.#putters.length > 0) return false;
    this._put(item);
    if (this.#getters.length > 0) this.#lines.soon();
    return true;
  }

  /**
   * Takes an item, and waits for one if there is none.
   * @throws {QueueEmpty} if none came in time, @throws {QueueShutDown} if none can come any more
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait
   *
   * Blocks: the greenlet.
   */
  get(options?: TimeOptions): T {
    this.#untilThereIsOne(options);
    return this.#take();
  }

  /** @throws {QueueEmpty} if there is none, @throws {QueueShutDown} */
  getNoWait(): T {
    if (this.empty()) throw this.#isShutDown ? shutDown(GETTING) : new QueueEmpty();
    return this.#take();
  }

  /** As {@link get}, but the item stays. */
  peek(options?: TimeOptions): T {
    this.#untilThereIsOne(options);
    return this._peek();
  }

  /** As {@link getNoWait}, but the item stays. */
  peekNoWait(): T {
    if (this.empty()) throw this.#isShutDown ? shutDown(GETTING) : new QueueEmpty();
    return this._peek();
  }

  #take(): T {
    const item = this._get();
    if (this.#putters.length > 0) this.#lines.soon();
    if (this.#isShutDown && this.empty()) this.#refuseGetters();
    return item;
  }

  #untilThereIsOne(options: TimeOptions | undefined): void {
    checkTime(options, GETTING);
    while (this.empty()) {
      if (this.#isShutDown) throw shutDown(GETTING);
      this.#lines.waitToGet(options);
    }
  }

  #canServe(): boolean {
    return (this.#putters.length > 0 && !this.full()) || (this.#getters.length > 0 && !this.empty());
  }

  /** Whoever goes on takes his item before the next one is looked at. */
  #serve(): void {
    if (this.#putters.length > 0 && !this.full()) this.#lines.letPut((item) => this._put(item));
    else this.#getters.next().endNow();
  }

  #refuseGetters(): void {
    while (this.#getters.length > 0) this.#getters.next().fail(shutDown(GETTING));
  }

  /**
   * Nobody may put any more; what is there can still be taken, then `get` throws. Whoever waits is told.
   * @param immediate whether what is there is dropped
   *
   * Source: CPython 3.13's queue.Queue.shutdown.
   */
  shutdown(immediate = false): void {
    this.#isShutDown = true;
    while (this.#putters.length > 0) this.#putters.next().fail(shutDown(PUTTING));
    if (immediate) while (!this.empty()) this._drop();
    if (this.empty()) this.#refuseGetters();
  }

  /** What is dropped at the end. */
  protected _drop(): void {
    this._get();
  }

  /** Until a {@link StopIteration} is taken, or the queue is shut down and empty. */
  *[Symbol.iterator](): Generator<T, void> {
    try {
      for (let item = this.get(); (item as unknown) !== StopIteration; item = this.get()) yield item;
    } catch (error) {
      if (!(error instanceof QueueShutDown)) throw error;
    }
  }
}

function shutDown(doing: string): QueueShutDown {
  return new QueueShutDown(`cannot ${doing}: it was shut down`);
}

/** A queue that knows when everything that was put on it has been dealt with: `taskDone` and `join`. */
export class Queue<T = any> extends SimpleQueue<T> {
  readonly #tasks = new Tasks(GeventError);

  constructor(maxsize?: number | null, items?: Iterable<T>) {
    super(maxsize);
    for (const item of items ?? []) this._put(item);
  }

  /** Items that were put, and for which `taskDone` was not called yet. */
  get unfinishedTasks(): number {
    return this.#tasks.unfinished;
  }

  protected override _put(item: T): void {
    super._put(item);
    this.#tasks.add();
  }

  protected override _drop(): void {
    super._drop();
    if (this.#tasks.unfinished > 0) this.taskDone(); // not if it was called too early
  }

  /** One item has been dealt with. @throws {GeventError} ERR_TASK_DONE if there is none left */
  taskDone(): void {
    this.#tasks.done();
  }

  /** Waits until every item has been dealt with: true; false if the time was up before. Blocks: the greenlet. */
  join(options?: TimeOptions): boolean {
    return this.#tasks.wait(options);
  }
}

/** As {@link Queue}: the name that it had. */
export class JoinableQueue<T = any> extends Queue<T> {}

/** Last in, first out. */
export class LifoQueue<T = any> extends Queue<T> {
  protected override _init(): Items<T> {
    return new LastIn<T>();
  }
}

/** The smallest first: numbers, strings, dates and arrays as `<` has it, or by a function. Equal ones in the order in which they came. */
export class PriorityQueue<T = any> extends Queue<T> {
  /** @param order negative if `a` comes first, as for `Array.prototype.sort` */
  constructor(maxsize?: number | null, items?: Iterable<T>, order?: Order<T>) {
    super(maxsize);
    if (order !== undefined) (this.items as Sorted<T>).orderBy(order);
    for (const item of items ?? []) this._put(item);
  }

  protected override _init(): Items<T> {
    return new Sorted<T>();
  }
}

/** Holds nothing: whoever puts waits until somebody takes. Source: gevent.queue.Channel. */
export class Channel<T = any> implements Iterable<T> {
  readonly #lines = new QueueLines<T, T>(
    () => this.#canServe(),
    () => this.#serve(),
  );
  readonly #getters = this.#lines.getters;
  readonly #putters = this.#lines.putters;

  qsize(): number {
    return 0;
  }

  empty(): boolean {
    return true;
  }

  full(): boolean {
    return true;
  }

  /** Waits until somebody takes the item. @throws {QueueFull} if nobody did in time. Blocks: the greenlet. */
  put(item: T, options?: TimeOptions): void {
    checkTime(options, PUTTING);
    if (this.#getters.length > 0) this.#lines.soon();
    this.#lines.waitToPut(item, options);
  }

  /** @throws {QueueFull} if nobody waits for an item */
  putNoWait(item: T): void {
    if (this.#getters.length === 0) throw new QueueFull();
    this.#getters.next().end(item);
  }

  /** Waits for an item. @throws {QueueEmpty} if none came in time. Blocks: the greenlet. */
  get(options?: TimeOptions): T {
    checkTime(options, GETTING);
    const getter = new Waiter<T>(GETTING);
    this.#getters.join(getter);
    if (this.#canServe()) this.#lines.soon();
    let isMine = false;
    try {
      isMine = inTime(getter, options, GETTING);
      if (!isMine) throw new QueueEmpty();
      return getter.value as T;
    } finally {
      if (!isMine && !this.#getters.leave(getter)) this.#passOn(getter.value as T);
    }
  }

  /** What somebody was given who does not take it any more: whoever put it has gone on, and it is the next one's. */
  #passOn(item: T): void {
    if (this.#getters.length > 0) this.#getters.next().end(item);
    else this.#putters.jump(new Putter(item));
  }

  /** @throws {QueueEmpty} if nobody waits with one */
  getNoWait(): T {
    while (this.#putters.length > 0) {
      const putter = this.#putters.next();
      if (putter.greenlet && isInterrupted(putter.greenlet)) continue; // his put throws that, and so puts nothing
      putter.end();
      return putter.item;
    }
    throw new QueueEmpty();
  }

  #canServe(): boolean {
    return this.#getters.length > 0 && this.#putters.length > 0;
  }

  #serve(): void {
    const getter = this.#getters.next();
    const putter = this.#putters.next();
    getter.endNow(putter.item);
    putter.endNow();
  }

  /** Until a {@link StopIteration} is taken. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let item = this.get(); (item as unknown) !== StopIteration; item = this.get()) yield item;
  }
}
