/** Results of a function for each of many items, made in greenlets of a group while they are taken. */
import { integerOf, invalidType } from "@cordage/ipc/sys";
import { Greenlet, heed } from "../greenlet.js";
import { Semaphore } from "../lock.js";
import { SimpleQueue } from "../queue.js";
import { checkOptions } from "./options.js";

export interface ResultsOptions {
  /** How many results may be made ahead of whoever takes them, from 1; 0 or absent: no limit. */
  maxsize?: number | null | undefined;
}

/** What starts greenlets, and may wait before it does. */
interface Starter {
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<R>;
}

type Outcome<R> = { value: R } | { error: unknown } | typeof END;
const END = Symbol("end");

export function checkMap(fn: unknown, items: Iterable<unknown>): void {
  if (typeof fn !== "function") throw invalidType("map", "expected a function", fn);
  checkItems(items);
}

export function checkItems(items: Iterable<unknown>): void {
  if (typeof items?.[Symbol.iterator] !== "function") throw invalidType("map", "the items must be iterable", items);
}

/** An iterator that goes on after it has thrown. */
export class Results<T, R> implements IterableIterator<R> {
  readonly #ready = new SimpleQueue<Outcome<R>>();
  readonly #room: Semaphore | undefined;
  readonly #feeder: Greenlet<void>;
  readonly #early = new Map<number, Outcome<R>>();
  readonly #isOrdered: boolean;
  #next = 0;
  #given = 0;
  #total: number | undefined;
  #isLeft = false;

  constructor(starter: Starter, fn: (item: T) => R, items: Iterable<T>, isOrdered: boolean, options: ResultsOptions) {
    checkMap(fn, items);
    checkOptions(options, "map");
    const { maxsize } = options;
    this.#isOrdered = isOrdered;
    const most = integerOf(maxsize ?? 0, "maxsize", "make results", 0, Number.MAX_SAFE_INTEGER);
    if (most > 0) this.#room = new Semaphore(most);
    this.#feeder = Greenlet.spawn(() => this.#feed(starter, fn, items));
  }

  /** In a greenlet of its own: the items may come from whatever waits. */
  #feed(starter: Starter, fn: (item: T) => R, items: Iterable<T>): void {
    let count = 0;
    try {
      for (const item of items) {
        this.#room?.acquire();
        const index = count++;
        const one = starter.spawn(fn, item);
        heed(one);
        one.rawlink(() => this.#give(index, one));
      }
    } catch (error) {
      this.#put(count++, { error });
    }
    this.#total = count;
    this.#endIfComplete();
  }

  #give(index: number, one: Greenlet<R>): void {
    this.#put(index, one.successful() ? { value: one.value as R } : { error: one.exception });
    this.#endIfComplete();
  }

  #put(index: number, outcome: Outcome<R>): void {
    if (!this.#isOrdered) {
      this.#hand(outcome);
      return;
    }
    this.#early.set(index, outcome);
    for (let next = this.#early.get(this.#next); next; next = this.#early.get(this.#next)) {
      this.#early.delete(this.#next++);
      this.#hand(next);
    }
  }

  #hand(outcome: Outcome<R>): void {
    this.#given++;
    this.#ready.put(outcome);
  }

  #endIfComplete(): void {
    if (this.#given === this.#total) this.#ready.put(END);
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Blocks: the greenlet. @throws what the function has thrown, or the iterable of the items */
  next(): IteratorResult<R, undefined> {
    const outcome = this.#isLeft ? END : this.#ready.get();
    if (outcome === END) {
      this.#ready.put(END);
      return { done: true, value: undefined };
    }
    this.#room?.release();
    if ("error" in outcome) throw outcome.error;
    return { done: false, value: outcome.value };
  }

  /** Whoever leaves a loop early wants no more: no other item is begun. */
  return(): IteratorResult<R, undefined> {
    this.#feeder.kill(undefined, { block: false });
    this.#isLeft = true;
    this.#ready.put(END); // for whoever waits in next()
    return { done: true, value: undefined };
  }
}
