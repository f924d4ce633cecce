/** Groups of greenlets, and pools: groups of a limited size. */
import { GreenletExit, getCurrent } from "@cordage/greenlet";
import { QueueFull } from "@cordage/ipc";
import { integerOf, invalidType, named } from "@cordage/ipc/sys";
import { Event } from "./event.js";
import { Greenlet, heed, type KillOptions } from "./greenlet.js";
import { report } from "./internal/report.js";
import { checkMap, Results, type ResultsOptions } from "./internal/results.js";
import { checkTime, type TimeOptions } from "./internal/time.js";
import { checkedCurrent } from "./internal/waiter.js";
import { Semaphore } from "./lock.js";
import { joinAll, killAll } from "./spawn.js";

/** The pool has no room for another greenlet, now or in time. */
export class PoolFull extends QueueFull {
  constructor(message = "cannot start another greenlet: the pool is full") {
    super(message);
  }
}
named(PoolFull, "PoolFull");

export interface GroupJoinOptions extends TimeOptions {
  /** Whether to throw the error of the first that fails; default: false. */
  raiseError?: boolean;
}

function checkGreenlet(one: unknown): void {
  if (!(one instanceof Greenlet)) throw invalidType("add to a group", "expected a greenlet", one);
}

/** Greenlets that are joined and killed together; one that ends leaves the group. Source: gevent.pool.Group. */
export class Group implements Iterable<Greenlet> {
  readonly #members = new Set<Greenlet>();
  readonly #dying = new Set<Greenlet>();
  readonly #isEmpty = new Event();
  readonly #discard = (one: Greenlet) => this.discard(one);

  constructor(...greenlets: Greenlet[]) {
    this.#isEmpty.set();
    for (const one of greenlets) this.add(one);
  }

  /** How many there are. */
  get length(): number {
    return this.#members.size;
  }

  has(one: Greenlet): boolean {
    return this.#members.has(one);
  }

  [Symbol.iterator](): IterableIterator<Greenlet> {
    return this.#members.values();
  }

  /** Has a greenlet belong to the group until it ends. */
  add(one: Greenlet): void {
    checkGreenlet(one);
    if (this.#members.has(one)) return;
    this.#members.add(one);
    this.#isEmpty.clear();
    one.rawlink(this.#discard);
  }

  /** Takes it out, as its end does. */
  discard(one: Greenlet): boolean {
    if (!this.#members.delete(one)) return false;
    this.#dying.delete(one);
    one.unlink(this.#discard);
    if (this.#members.size === 0) this.#isEmpty.set();
    return true;
  }

  /** Adds a greenlet and starts it. */
  start(one: Greenlet): void {
    this.add(one);
    this.begin(one);
  }

  /** One whose start is refused, by a spawn callback, would never leave. */
  protected begin(one: Greenlet): void {
    try {
      one.start();
    } catch (error) {
      if (!one.started) this.discard(one);
      throw error;
    }
  }

  /** Starts one that runs a function, and returns it. */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<R> {
    const one = new Greenlet(fn, ...args);
    this.start(one);
    return one as Greenlet<R>;
  }

  /** Waits until it is empty: true; false if the time was up before. Blocks: the greenlet. */
  join(options: GroupJoinOptions = {}): boolean {
    checkTime(options, "join a group");
    const { raiseError = false, ...limits } = options;
    return raiseError ? this.#joinThem(limits) : this.#isEmpty.wait(limits);
  }

  #joinThem(options: TimeOptions): boolean {
    const all = [...this.#members];
    let failed: Greenlet | undefined;
    const note = (one: Greenlet) => {
      if (failed || one.successful()) return;
      failed = one;
      heed(one);
    };
    for (const one of all) one.rawlink(note);
    let isEmpty = false;
    try {
      isEmpty = this.#isEmpty.wait(options);
    } catch (interruption) {
      if (failed) report(failed, failed.exception); // nobody waits for it any more
      throw interruption;
    } finally {
      for (const one of all) one.unlink(note);
    }
    failed?.get();
    return isEmpty;
  }

  /**
   * Throws an error into each, also into those that are added meanwhile, but into none twice, and waits until it is empty.
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET, with nothing done
   */
  kill(error: unknown = GreenletExit, options: KillOptions = {}): void {
    checkTime(options, "kill a group");
    const { block = true, timeout, signal } = options;
    if (block && this.#members.size > 0) checkedCurrent("kill a group and wait for its end");
    const end = typeof timeout === "number" ? performance.now() + timeout : undefined;
    do {
      this.#killThose(error);
      if (!block) return;
      const limits = { timeout: end === undefined ? timeout : end - performance.now(), signal };
      if (joinAll(this.#members, limits).length === 0) return;
    } while (this.#members.size > 0);
  }

  #killThose(error: unknown): void {
    const those = [...this.#members].filter((one) => !this.#dying.has(one));
    for (const one of those) this.#dying.add(one);
    killAll(those, error, { block: false });
  }

  /** Kills one of them, if it is one. */
  killOne(one: Greenlet, error: unknown = GreenletExit, options: KillOptions = {}): void {
    checkTime(options, "kill a greenlet");
    const { block = true } = options;
    if (!this.#members.has(one)) return;
    if (block) checkedCurrent("kill a greenlet and wait for its end");
    if (!this.#dying.has(one)) one.kill(error, { block: false });
    this.#dying.add(one);
    if (block) one.join(options);
  }

  /** Calls a function in a greenlet of the group, and returns what it returns; from within one of them, just calls it. Blocks: the greenlet. */
  apply<A extends unknown[], R>(fn: (...args: A) => R, args?: A): R {
    const own = checkedArgs(fn, args);
    return this.#isInside() ? fn(...own) : this.spawn(fn, ...own).get();
  }

  #isInside(): boolean {
    const current = getCurrent();
    return current instanceof Greenlet && this.#members.has(current);
  }

  /** As {@link apply}, without waiting: the greenlet, which may have to wait for room itself. `callback` is called with what the function returns. */
  applyAsync<A extends unknown[], R>(fn: (...args: A) => R, args?: A, callback?: (value: R) => void): Greenlet<R> {
    const own = checkedArgs(fn, args);
    const one = this.isRoomLeft() ? this.spawn(fn, ...own) : Greenlet.spawn(() => this.apply(fn, own));
    if (callback) one.linkValue((ended) => callback(ended.value));
    return one;
  }

  protected isRoomLeft(): boolean {
    return true;
  }

  /** What the function returns for each item, in their order. @throws the error of the first that fails. Blocks: the greenlet. */
  map<T, R>(fn: (item: T) => R, items: Iterable<T>): R[] {
    return [...this.imap(fn, items)];
  }

  /** As {@link map}, in a greenlet that is returned; `callback` is called with the array. */
  mapAsync<T, R>(fn: (item: T) => R, items: Iterable<T>, callback?: (values: R[]) => void): Greenlet<R[]> {
    checkMap(fn, items);
    const one = Greenlet.spawn(() => this.map(fn, items));
    if (callback) one.linkValue((ended) => callback(ended.value));
    return one;
  }

  /**
   * As {@link map}, one by one: `next` waits for the result that is next. One that failed is thrown, and iteration may go on.
   * @param options `maxsize`: at most so many results are made ahead of whoever takes them; default: no limit
   */
  imap<T, R>(fn: (item: T) => R, items: Iterable<T>, options: ResultsOptions = {}): IterableIterator<R> {
    return new Results(this, fn, items, true, options);
  }

  /** As {@link imap}, in the order in which they are ready. */
  imapUnordered<T, R>(fn: (item: T) => R, items: Iterable<T>, options: ResultsOptions = {}): IterableIterator<R> {
    return new Results(this, fn, items, false, options);
  }

  full(): boolean {
    return false;
  }

  /** Waits until there is room; returns for how many: here always 1. */
  waitAvailable(_options?: TimeOptions): number {
    return 1;
  }
}

function checkedArgs<A extends unknown[]>(fn: (...args: A) => unknown, args: A | undefined): A {
  if (typeof fn !== "function") throw invalidType("apply", "expected a function", fn);
  if (args !== undefined && !Array.isArray(args)) throw invalidType("apply", "the arguments must be an array", args);
  return args ?? ([] as unknown as A);
}

/** A group of at most `size` greenlets: whoever adds another one waits. Source: gevent.pool.Pool. */
export class Pool extends Group {
  readonly #room: Semaphore;
  /** The most that run at the same time; Infinity: no limit. */
  readonly size: number;

  /** @param size from 0; absent: no limit. @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE */
  constructor(size?: number | null) {
    super();
    const most = Number.MAX_SAFE_INTEGER;
    const room = size === undefined || size === null ? most : integerOf(size, "size", "make a pool", 0, most);
    this.size = room === most ? Number.POSITIVE_INFINITY : room;
    this.#room = new Semaphore(room);
  }

  /** For how many there is room. */
  freeCount(): number {
    return this.size === Number.POSITIVE_INFINITY ? this.size : this.#room.counter;
  }

  override full(): boolean {
    return this.#room.locked();
  }

  protected override isRoomLeft(): boolean {
    return !this.full();
  }

  override waitAvailable(options?: TimeOptions): number {
    if (this.#room.acquire(options)) this.#room.release();
    return this.#room.counter;
  }

  /** @throws {PoolFull} if there was no room in time. Blocks: the greenlet. */
  override add(one: Greenlet, options?: TimeOptions): void {
    checkGreenlet(one);
    if (this.has(one)) return;
    if (!this.#room.acquire(options)) throw new PoolFull();
    if (this.has(one))
      this.#room.release(); // somebody else has added it meanwhile
    else super.add(one);
  }

  override discard(one: Greenlet): boolean {
    const wasMember = super.discard(one);
    if (wasMember) this.#room.release();
    return wasMember;
  }

  /** @throws {PoolFull} if there was no room in time. Blocks: the greenlet. */
  override start(one: Greenlet, options?: TimeOptions): void {
    this.add(one, options);
    this.begin(one);
  }
}
