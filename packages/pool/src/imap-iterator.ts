/** The results of an imap as they come. */
import { TimeoutError, type WaitOptions } from "@cordage/ipc";
import { timeoutOf } from "@cordage/ipc/sys";
import type { ImapJob } from "./internal/imap-job.js";

/**
 * What {@link Pool.imap} returns. Use it with `for await`, or call `next`: after a rejection the iterator goes on with
 * the next result, as in Python. Leaving the loop, or `return()`, cancels what was not begun.
 *
 * Source: CPython multiprocessing/pool.py `IMapIterator`.
 */
export class ImapIterator<R> implements AsyncIterableIterator<R> {
  readonly #job: ImapJob;

  /** @internal */
  constructor(job: ImapJob) {
    this.#job = job;
  }

  /**
   * Resolves with the next result, in the order of the items, or as they come (imapUnordered).
   * @throws what the task threw, or the iteration of the input
   * @throws {TimeoutError} ERR_TIMEOUT when `timeout` milliseconds have passed first; the result comes with the next call
   *
   * Blocks: the caller only.
   */
  next(options?: WaitOptions): Promise<IteratorResult<R, undefined>> {
    const doing = "get the next result";
    try {
      const timeout = timeoutOf(options, doing);
      options?.signal?.throwIfAborted();
      return this.#job.wait(this, timeout, options?.signal, () => {
        throw new TimeoutError(`cannot ${doing}: the timeout passed first`);
      }) as Promise<IteratorResult<R, undefined>>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async return(): Promise<IteratorResult<R, undefined>> {
    await this.#job.abandon();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
