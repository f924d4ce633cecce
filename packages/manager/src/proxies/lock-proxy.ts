/** The locks of a manager. */
import { AcquirableProxy } from "./acquirable.js";

/**
 * A lock that any process, near or far, can take. Waiting for it blocks the caller only. A session (one thread of one
 * process) that ends or dies while it holds the lock gives it back.
 *
 * Source: CPython multiprocessing/managers.py AcquirerProxy.
 */
export class LockProxy extends AcquirableProxy {
  /** Anybody may release it. @throws {LockError} ERR_LOCK_NOT_HELD */
  release(): Promise<void> {
    return this.call("release");
  }
}

/**
 * A lock that the session which has it may take again; it is free after as many releases. All async functions of one
 * thread are one session: a Lock keeps them apart.
 */
export class RLockProxy extends AcquirableProxy {
  /** @throws {LockError} ERR_LOCK_NOT_OWNED */
  release(): Promise<void> {
    return this.call("release");
  }
}
