/** Piles: jobs whose results are taken in the order in which they were spawned. */
import { GreenPool } from "./green-pool.js";
import { InOrder } from "./internal/in-order.js";

/**
 * Runs functions in greenthreads of a pool, and is an iterator of their results, in the order of `spawn`; it ends when all that were spawned by then are
 * taken. An error is thrown in its place, and iteration may go on.
 *
 * @example
 * const pile = new GreenPile();
 * for (const url of urls) pile.spawn(fetch, url);
 * for (const body of pile) console.log(body.length);
 *
 * Safe from: the owning thread. Source: eventlet.GreenPile.
 */
export class GreenPile<R = any> implements IterableIterator<R> {
  readonly #pool: GreenPool;
  readonly #results = new InOrder<R>();
  #left = 0;

  /**
   * @param sizeOrPool a pool, which others may use too, or the size of one of its own; default: 1,000
   * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
   */
  constructor(sizeOrPool?: GreenPool | number) {
    this.#pool = sizeOrPool instanceof GreenPool ? sizeOrPool : new GreenPool(sizeOrPool);
  }

  /** Runs a function in a greenthread of the pool. Blocks: the greenthread, while the pool is full. @throws as `spawn` of {@link GreenPool} */
  spawn<A extends unknown[]>(fn: (...args: A) => R, ...args: A): void {
    this.#left++; // before it waits: a reader knows that there is one to come
    try {
      this.#results.put(this.#pool.spawn(fn, ...args));
    } catch (error) {
      this.#left--;
      throw error;
    }
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Blocks: the greenthread. @throws what the function has thrown */
  next(): IteratorResult<R, undefined> {
    const outcome = this.#results.take(() => this.#left > 0);
    if (!outcome) return { done: true, value: undefined };
    this.#left--;
    if ("error" in outcome) throw outcome.error;
    return { done: false, value: outcome.value };
  }
}
