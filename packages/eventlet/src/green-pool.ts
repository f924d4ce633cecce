/** Pools: at most so many greenthreads at a time. */
import { event } from "@cordage/gevent";
import { hasInterrupted, Line, report, Waiter } from "@cordage/gevent/sys";
import { type Greenlet, GreenletExit, getCurrent } from "@cordage/greenlet";
import { integerOf, invalidType } from "@cordage/ipc/sys";
import { EventletError } from "./errors.js";
import { GreenMap } from "./green-map.js";
import { endedWith, type GreenThread } from "./green-thread.js";
import { beginRaw } from "./internal/begin-raw.js";
import { checkFunction, spawn } from "./spawn.js";

const DEFAULT_SIZE = 1000;

function checkedSize(size: number, doing: string): number {
  return integerOf(size, "size", doing, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * Runs functions in greenthreads, at most `size` at a time: whoever spawns another one waits.
 *
 * A function may spawn in the pool that it runs in: if that is full, the other one runs within it, at once, so that they do not wait for each other.
 * `spawn` throws its error then.
 *
 * @example
 * const pool = new GreenPool(100);
 * for (const url of urls) pool.spawnN(fetch, url);
 * pool.waitall();
 *
 * Safe from: the owning thread. Source: eventlet.GreenPool.
 */
export class GreenPool {
  #size: number;
  /** Places of those that run, and of those that were told to go on, and have not spawned yet. */
  #taken = 0;
  readonly #members = new Set<Greenlet>();
  readonly #waiting = new Line<Waiter<void>>();
  readonly #isIdle = new event.Event();
  readonly #done = (one: Greenlet) => {
    this.#members.delete(one);
    this.#leave();
  };

  /** @param size from 0; default: 1,000. @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE */
  constructor(size = DEFAULT_SIZE) {
    this.#size = checkedSize(size, "make a pool");
    this.#isIdle.set();
  }

  /** The most that run at the same time. */
  get size(): number {
    return this.#size;
  }

  /** Those that run by now go on, also if they are too many: `free` is negative then. Blocks: never. @throws as the constructor */
  resize(size: number): void {
    this.#size = checkedSize(size, "resize a pool");
    this.#admit();
  }

  /** How many run, or are about to. */
  running(): number {
    return this.#members.size;
  }

  /** How many could be spawned without waiting; negative after a `resize` to less. */
  free(): number {
    return this.#size - this.#taken;
  }

  /** How many greenthreads wait to spawn. */
  waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Runs a function in a greenthread, and returns that.
   * @throws {TypeError} ERR_INVALID_ARG_TYPE
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait
   *
   * Blocks: the greenthread, while the pool is full.
   */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): GreenThread<R> {
    checkFunction(fn);
    if (this.#wouldWaitForItself()) return endedWith(fn(...args));
    this.#enter();
    const one = spawn(fn, ...args);
    this.#members.add(one);
    one.link(this.#done);
    return one;
  }

  /** As {@link spawn}, but nobody can wait for its result, and it costs less. Its error is printed. */
  spawnN<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    checkFunction(fn);
    if (this.#wouldWaitForItself()) {
      runHere(() => fn(...args));
      return;
    }
    this.#enter();
    const one = beginRaw(
      () => fn(...args),
      (ended, failure) => {
        this.#done(ended);
        if (failure) report(ended, failure.error);
      },
    );
    this.#members.add(one);
  }

  #wouldWaitForItself(): boolean {
    return this.#taken >= this.#size && this.#members.has(getCurrent());
  }

  #enter(): void {
    if (this.#taken < this.#size) {
      this.#take();
      return;
    }
    const waiter = new Waiter<void>("spawn in a full pool");
    this.#waiting.join(waiter);
    let isIn = false;
    try {
      waiter.get();
      isIn = true;
    } finally {
      if (!isIn && !this.#waiting.leave(waiter)) this.#leave();
    }
  }

  #take(): void {
    this.#taken++;
    this.#isIdle.clear();
  }

  #leave(): void {
    this.#taken--;
    this.#admit();
    if (this.#taken === 0) this.#isIdle.set();
  }

  /** A place goes straight to whoever waits longest. */
  #admit(): void {
    while (this.#taken < this.#size && this.#waiting.length > 0) {
      this.#take();
      this.#waiting.next().end();
    }
  }

  /**
   * Waits until nothing runs in the pool.
   * @throws {EventletError} ERR_WAIT_FOR_SELF for one that runs in it: that would not end
   *
   * Blocks: the greenthread.
   */
  waitall(): void {
    if (this.#members.has(getCurrent()))
      throw new EventletError("ERR_WAIT_FOR_SELF", "cannot wait for the pool here: this greenthread runs in it");
    this.#isIdle.wait();
  }

  /**
   * What the function returns for each array of arguments, in their order, made in as many greenthreads at a time as the pool is large: they are no
   * members of it. Not much is made ahead of whoever takes it, so that the items may have no end. An error is thrown in its place, and iteration may go on.
   */
  starmap<A extends unknown[], R>(fn: (...args: A) => R, items: Iterable<A>): GreenMap<R> {
    checkFunction(fn);
    if (typeof items?.[Symbol.iterator] !== "function") throw invalidType("map", "the items must be iterable", items);
    return new GreenMap(new GreenPool(this.#size), fn, items);
  }

  /** As {@link starmap}, for the items of one iterable or, side by side, of several: the shortest ends it. */
  imap<A extends unknown[], R>(
    fn: (...args: NoInfer<A>) => R,
    ...iterables: { [K in keyof A]: Iterable<A[K]> }
  ): GreenMap<R> {
    const wrong = iterables.find((one: unknown) => typeof (one as Iterable<unknown>)?.[Symbol.iterator] !== "function");
    if (wrong !== undefined || iterables.length === 0 || iterables.includes(undefined as any))
      throw invalidType("map", "the items must be iterable", wrong);
    return this.starmap(fn, sideBySide(iterables as Iterable<unknown>[]) as Iterable<A>);
  }

  toString(): string {
    return `<GreenPool ${this.running()} of ${this.#size} run, ${this.waiting()} waiting>`;
  }
}

/** For what is in the way of an error that nobody can wait for. A GreenletExit, and what interrupts him, is for whoever runs this. */
function runHere(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    if (error instanceof GreenletExit || hasInterrupted(error)) throw error;
    report(getCurrent(), error);
  }
}

function* sideBySide(iterables: Iterable<unknown>[]): Generator<unknown[]> {
  const all = iterables.map((one) => one[Symbol.iterator]());
  try {
    for (;;) {
      const row: unknown[] = [];
      for (const one of all) {
        const next = one.next();
        if (next.done) return;
        row.push(next.value);
      }
      yield row;
    }
  } finally {
    for (const one of all) one.return?.();
  }
}
