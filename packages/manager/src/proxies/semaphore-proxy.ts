/** The semaphores of a manager. */
import { AcquirableProxy } from "./acquirable.js";

/**
 * Counts permits. A session that ends or dies gives back what it has taken, but never so much that there are more
 * permits than at the start.
 *
 * Source: CPython multiprocessing/managers.py AcquirerProxy.
 */
export class SemaphoreProxy extends AcquirableProxy {
  /** @throws {LockError} ERR_SEMAPHORE_OVER_RELEASE */
  release(count?: number): Promise<void> {
    return this.call("release", count === undefined ? [] : [count]);
  }

  /** The permits left. */
  override getValue(): Promise<number> {
    return this.call("getValue");
  }
}

/** A semaphore that refuses a release which would make more permits than at the start. */
export class BoundedSemaphoreProxy extends SemaphoreProxy {}
