/** Results of a function for each of many items, made in greenthreads of a pool while they are taken. */
import type { Greenlet } from "@cordage/greenlet";
import { invalidType } from "@cordage/ipc/sys";
import type { GreenPool } from "./green-pool.js";
import { endedWith, kill } from "./green-thread.js";
import { InOrder } from "./internal/in-order.js";
import { spawn, spawnN } from "./spawn.js";

const END = Symbol("end");

/** An iterator that goes on after it has thrown. `imap` and `starmap` of a pool make one. */
export class GreenMap<R> implements IterableIterator<R> {
  readonly #results: InOrder<R | typeof END>;
  readonly #feeder: Greenlet;
  #isOver = false;

  constructor(pool: GreenPool, fn: (...args: any[]) => R, items: Iterable<unknown[]>) {
    this.#results = new InOrder(pool.size);
    this.#feeder = spawnN(() => this.#feed(pool, fn, items));
  }

  /** In a greenthread of its own: the items may come from whatever waits. */
  #feed(pool: GreenPool, fn: (...args: any[]) => R, items: Iterable<unknown[]>): void {
    try {
      for (const args of items) this.#results.put(pool.spawn(fn, ...checkedArguments(args)));
    } catch (error) {
      if (this.#isOver) throw error; // it was killed
      this.#results.put(spawn(() => fail(error)));
    }
    this.#results.put(endedWith(END));
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Blocks: the greenthread. @throws what the function has thrown, or the iterable of the items */
  next(): IteratorResult<R, undefined> {
    const outcome = this.#results.take(() => !this.#isOver);
    if (outcome && "error" in outcome) throw outcome.error;
    if (outcome && outcome.value !== END) return { done: false, value: outcome.value };
    this.#isOver = true;
    return { done: true, value: undefined };
  }

  /** Whoever leaves a loop early wants no more: no other item is begun. */
  return(): IteratorResult<R, undefined> {
    this.#isOver = true;
    kill(this.#feeder);
    this.#results.putForWaiting(endedWith(END));
    return { done: true, value: undefined };
  }
}

/** @throws {TypeError} ERR_INVALID_ARG_TYPE */
function checkedArguments(args: unknown[]): unknown[] {
  if (typeof args?.[Symbol.iterator] === "function") return args;
  throw invalidType("map", "each item must be an array of arguments", args);
}

function fail(error: unknown): never {
  throw error;
}
