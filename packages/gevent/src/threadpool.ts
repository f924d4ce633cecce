/** Work for other threads, waited for by greenlets: what holds the thread for long goes there. */

import { integerOf } from "@cordage/ipc/sys";
import type { ThreadPool as Threads } from "@cordage/pool";
import { AsyncResult } from "./event.js";
import { ReadInGreenlets } from "./internal/read-in-greenlets.js";
import { checkItems } from "./internal/results.js";
import { wait } from "./wait.js";

const MOST_THREADS = 1024;

type Callable = (...args: any[]) => any;

/**
 * Worker threads of Node, on `@cordage/pool`: they run functions that a module exports, by name, on copies of the arguments.
 *
 * @example
 * const pool = new ThreadPool(2);
 * console.log(pool.apply(hash, [password])); // the other greenlets go on
 * pool.kill();
 *
 * Differs from Python: threads share no objects. Source: gevent.threadpool.ThreadPool.
 */
export class ThreadPool {
  /** The most threads. */
  readonly size: number | undefined;
  readonly #threads: Promise<Threads>;

  /** @param size how many threads; default: as many as there are cores. @throws {RangeError} ERR_OUT_OF_RANGE */
  constructor(size?: number) {
    if (size !== undefined) integerOf(size, "size", "make a pool of threads", 1, MOST_THREADS);
    this.size = size;
    this.#threads = started(size);
  }

  /** Has a thread call the function; does not wait. */
  spawn<F extends Callable>(fn: F | URL, ...args: Parameters<F>): AsyncResult<Awaited<ReturnType<F>>> {
    const result = new AsyncResult<Awaited<ReturnType<F>>>();
    this.#call((threads) => threads.apply(fn, args)).then(
      (value) => result.set(value as Awaited<ReturnType<F>>),
      (error) => result.setException(error),
    );
    return result;
  }

  async #call<R>(call: (threads: Threads) => R): Promise<Awaited<R>> {
    return await call(await this.#threads);
  }

  /** Has a thread call the function, and returns what it returns. Blocks: the greenlet. @throws what the function throws */
  apply<F extends Callable>(fn: F | URL, args?: Parameters<F>): Awaited<ReturnType<F>> {
    return this.spawn(fn, ...((args ?? []) as Parameters<F>)).get();
  }

  /**
   * What the function returns for each item, in their order. The items may come from what waits.
   * @throws the error of the first that fails, @throws {TypeError} ERR_INVALID_ARG_TYPE
   *
   * Blocks: the greenlet.
   */
  map<T, R>(fn: ((item: T) => R) | URL, items: Iterable<T>): Awaited<R>[] {
    checkItems(items);
    const all = [...items];
    return wait(this.#call((threads) => threads.map(fn as Callable, all))) as Awaited<R>[];
  }

  /** As {@link map}, one by one; the items are read in other greenlets. */
  imap<T, R>(fn: ((item: T) => R) | URL, items: Iterable<T>): Generator<Awaited<R>, void> {
    checkItems(items);
    return taken(this.#threads, (threads) => threads.imap(fn as Callable, readable(items)));
  }

  /** As {@link imap}, in the order in which they are ready. */
  imapUnordered<T, R>(fn: ((item: T) => R) | URL, items: Iterable<T>): Generator<Awaited<R>, void> {
    checkItems(items);
    return taken(this.#threads, (threads) => threads.imapUnordered(fn as Callable, readable(items)));
  }

  /** Waits until everything is done; takes nothing new from then on. Blocks: the greenlet. */
  join(): void {
    wait(
      this.#call((threads) => {
        threads.close();
        return threads.join();
      }),
    );
  }

  /** Ends the threads, whatever they do. Blocks: the greenlet. */
  kill(): void {
    wait(this.#call((threads) => threads.terminate()));
  }
}

/** Loaded when the first one is made: most programs need none. */
async function started(size: number | undefined): Promise<Threads> {
  const { ThreadPool: Class } = await import("@cordage/pool");
  return new Class({ processes: size });
}

/** The pool reads outside of any greenlet. */
const readable = <T>(items: Iterable<T>) =>
  (Array.isArray(items) ? items : new ReadInGreenlets(items)) as Iterable<never>;

function* taken<T>(threads: Promise<Threads>, begin: (threads: Threads) => AsyncIterator<unknown>): Generator<T, void> {
  const from = begin(wait(threads));
  try {
    for (let next = wait(from.next()); !next.done; next = wait(from.next())) yield next.value as T;
  } finally {
    if (from.return) wait(from.return());
  }
}
