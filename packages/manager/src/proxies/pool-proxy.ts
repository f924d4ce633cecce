/** A pool of a manager, whose workers are the server's. */
import type { WaitOptions } from "@cordage/ipc";
import { invalidType, referenceOf } from "@cordage/ipc/sys";
import "@cordage/pool/errors"; // which come from the server; the pool itself is not needed here
import { ARGUMENTS, type Arguments } from "../internal/synchronous.js";
import { BaseProxy } from "../proxy.js";
import { waitArguments } from "./acquirable.js";

/** A function of one of the manager's `functions`. */
export type PoolFunction<A extends unknown[], R> = ((...args: A) => R) | URL;
type Result<R> = Promise<Awaited<R>>;

export interface PoolCallOptions {
  /** Items that make one task. */
  chunksize?: number;
}

function withArguments(fn: Function | URL, args: unknown[] = []): unknown[] {
  return [referenceOf(fn), args];
}

function withItems(fn: Function | URL, items: Iterable<unknown>, options: PoolCallOptions = {}): unknown[] {
  if (Object(items)[Symbol.iterator] === undefined)
    throw invalidType("call the pool", "items must be something that can be iterated", items);
  return [referenceOf(fn), [...items], options];
}

/**
 * Runs functions in worker processes of the server. They must be among those that the manager was told about:
 * `Manager({ functions: [square] })`; the server loads no others.
 *
 * Source: CPython multiprocessing/managers.py PoolProxy.
 */
export class PoolProxy extends BaseProxy {
  /** @throws {ManagerError} ERR_FUNCTION_NOT_ALLOWED when the manager was not told about the function */
  async apply<A extends unknown[], R>(fn: PoolFunction<A, R>, args?: A): Result<R> {
    return this.call<Awaited<R>>("apply", withArguments(fn, args));
  }

  async applyAsync<A extends unknown[], R>(fn: PoolFunction<A, R>, args?: A): Promise<AsyncResultProxy<Awaited<R>>> {
    return this.call("applyAsync", withArguments(fn, args));
  }

  async map<T, R>(fn: PoolFunction<[T], R>, items: Iterable<T>, options?: PoolCallOptions): Promise<Awaited<R>[]> {
    return this.call("map", withItems(fn, items, options));
  }

  async mapAsync<T, R>(
    fn: PoolFunction<[T], R>,
    items: Iterable<T>,
    options?: PoolCallOptions,
  ): Promise<AsyncResultProxy<Awaited<R>[]>> {
    return this.call("mapAsync", withItems(fn, items, options));
  }

  async starmap<A extends unknown[], R>(
    fn: PoolFunction<A, R>,
    items: Iterable<A>,
    options?: PoolCallOptions,
  ): Promise<Awaited<R>[]> {
    return this.call("starmap", withItems(fn, items, options));
  }

  async starmapAsync<A extends unknown[], R>(
    fn: PoolFunction<A, R>,
    items: Iterable<A>,
    options?: PoolCallOptions,
  ): Promise<AsyncResultProxy<Awaited<R>[]>> {
    return this.call("starmapAsync", withItems(fn, items, options));
  }

  async imap<T, R>(
    fn: PoolFunction<[T], R>,
    items: Iterable<T>,
    options?: PoolCallOptions,
  ): Promise<IteratorProxy<Awaited<R>>> {
    return this.call("imap", withItems(fn, items, options));
  }

  async imapUnordered<T, R>(
    fn: PoolFunction<[T], R>,
    items: Iterable<T>,
    options?: PoolCallOptions,
  ): Promise<IteratorProxy<Awaited<R>>> {
    return this.call("imapUnordered", withItems(fn, items, options));
  }

  /** Takes no more tasks. */
  close(): Promise<void> {
    return this.call("close");
  }

  /** Ends the workers now. */
  terminate(): Promise<void> {
    return this.call("terminate");
  }

  /** Waits for the end of the workers. @throws {PoolError} before `close` or `terminate` */
  join(): Promise<void> {
    return this.call("join");
  }
}

Object.defineProperty(PoolProxy.prototype, ARGUMENTS, {
  value: {
    apply: withArguments,
    applyAsync: withArguments,
    map: withItems,
    mapAsync: withItems,
    starmap: withItems,
    starmapAsync: withItems,
    imap: withItems,
    imapUnordered: withItems,
  } satisfies Arguments,
});

/** What a task of a manager's pool will result in. Source: CPython multiprocessing/pool.py AsyncResult. */
export class AsyncResultProxy<T = any> extends BaseProxy {
  /** The result. @throws what the task threw; {TimeoutError} ERR_TIMEOUT */
  get(options?: WaitOptions): Promise<T> {
    return this.call("get", waitArguments(options), options);
  }

  /** Waits for the end of the task, or for `timeout` milliseconds; whether it ended. */
  wait(options?: WaitOptions): Promise<boolean> {
    return this.call("wait", waitArguments(options), options);
  }

  ready(): Promise<boolean> {
    return this.call("ready");
  }

  /** @throws before it is ready */
  successful(): Promise<boolean> {
    return this.call("successful");
  }
}

/** The results of an `imap` of a manager's pool, one after the other. */
export class IteratorProxy<T = any> extends BaseProxy {
  next(): Promise<IteratorResult<T, undefined>> {
    return this.call("next");
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let step = await this.next(); !step.done; step = await this.next()) yield step.value;
  }
}
