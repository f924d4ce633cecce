/** A condition of a manager. */
import type { WaitOptions } from "@cordage/ipc";
import { SYNC_METHODS, type SyncMethods } from "../internal/synchronous.js";
import { AcquirableProxy, acquirableSync, waitArguments } from "./acquirable.js";

/**
 * A lock that can be given up to wait for a notification, and is held again afterwards, also when the wait fails.
 *
 * Source: CPython multiprocessing/managers.py ConditionProxy.
 */
export class ConditionProxy extends AcquirableProxy {
  release(): Promise<void> {
    return this.call("release");
  }

  /**
   * Gives the lock up until a notification comes, or `timeout` milliseconds have passed; whether it came.
   * @throws {LockError} ERR_CONDITION_NOT_HELD
   */
  wait(options?: WaitOptions): Promise<boolean> {
    return this.call("wait", waitArguments(options), options);
  }

  /**
   * Waits until `predicate`, which runs here while the lock is held, returns something true; what it returned last.
   * @param options `timeout` counts from the beginning
   * @throws {LockError} ERR_CONDITION_NOT_HELD
   */
  async waitFor<T>(predicate: () => T, options?: WaitOptions): Promise<Awaited<T>> {
    const deadline = performance.now() + (options?.timeout ?? Number.POSITIVE_INFINITY);
    await this.requireHeld();
    for (let first = true; ; first = false) {
      const result = await predicate();
      const left = deadline - performance.now();
      if (result || (!first && left <= 0)) return result;
      await this.wait({ timeout: Math.max(left, 0), signal: options?.signal });
    }
  }

  /** @internal For `waitFor`. */
  requireHeld(): Promise<void> {
    return this.call("requireHeld");
  }

  /** Lets as many go as are told, those first that have waited longest. */
  notify(count?: number): Promise<void> {
    return this.call("notify", count === undefined ? [] : [count]);
  }

  notifyAll(): Promise<void> {
    return this.call("notifyAll");
  }
}

Object.defineProperty(ConditionProxy.prototype, SYNC_METHODS, {
  value: {
    ...acquirableSync,
    waitFor(predicate: () => unknown, options?: WaitOptions) {
      const deadline = performance.now() + (options?.timeout ?? Number.POSITIVE_INFINITY);
      this.requireHeld();
      for (let first = true; ; first = false) {
        const result = predicate();
        const left = deadline - performance.now();
        if (result || (!first && left <= 0)) return result;
        this.wait(...waitArguments({ timeout: Math.max(left, 0) }));
      }
    },
  } satisfies SyncMethods,
});
