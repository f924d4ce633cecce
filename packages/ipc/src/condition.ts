/** Condition variables between threads and processes. */
import { inspect } from "node:util";
import { invalidType, LockError, OwnerDiedError } from "./errors.js";
import { blockingCalls } from "./internal/blocking-calls.js";
import { adoptCell, allocateCell, type Cell, type CellHandle } from "./internal/cell.js";
import { Holdable } from "./internal/holdable.js";
import { integerOf, type SyncWaitOptions, timeoutOf, type WaitOptions } from "./internal/options.js";
import { registerShared } from "./internal/shared-type.js";
import { TABLE_BYTES, WaiterTable } from "./internal/waiter-table.js";
import { block, blockSync } from "./internal/waiting.js";
import { Lock, type LockWord, RLock, wordOf } from "./lock.js";

/**
 * A condition: with its lock held, wait until somebody else, who holds it later, says that something has changed.
 *
 * Guarantees: `notify(n)` lets exactly the `n` go that have waited longest; one who died waiting is passed over. A wait
 * that timed out or was cancelled has not swallowed a notification. However a wait ends, by an error too, the lock is
 * held again, as deep as before.
 *
 * An RLock, the default, belongs to a thread: it does not keep two async functions of one thread apart. Give a `Lock`
 * where they use the condition together. A condition travels with its lock; several over one lock keep sharing it.
 *
 * @example
 * using held = changed.holdSync();
 * changed.waitForSync(() => counter.value === 4);
 *
 * Safe from: any process and thread. Source: CPython multiprocessing/synchronize.py; futex(2).
 */
export class Condition extends Holdable {
  private readonly lock: Lock;
  private readonly word: LockWord;
  private readonly cell: Cell;
  private readonly table: WaiterTable;

  /**
   * @param lock a Lock or RLock; a new RLock where none is given
   * @throws {TypeError} ERR_INVALID_ARG_TYPE when it is neither
   */
  constructor(lock: Lock | RLock = new RLock(), /** @internal */ cell?: unknown) {
    super();
    if (!(lock instanceof Lock)) throw invalidType("create the condition", "lock must be a Lock or an RLock", lock);
    this.lock = lock;
    this.word = wordOf(lock);
    this.cell = (cell as Cell | undefined) ?? allocateCell(TABLE_BYTES);
    this.table = new WaiterTable(this.cell.words);
  }

  /** Acquires its lock; see {@link Lock.acquire}. */
  override acquire(options?: WaitOptions): Promise<boolean> {
    return this.lock.acquire(options);
  }

  /** Acquires its lock; see {@link Lock.acquireSync}. */
  override acquireSync(options?: SyncWaitOptions): boolean {
    return this.lock.acquireSync(options);
  }

  /** Takes its lock if it is free; see {@link Lock.tryAcquire}. */
  override tryAcquire(): boolean {
    return this.lock.tryAcquire();
  }

  /** Releases its lock; see {@link Lock.release}. */
  override release(): void {
    this.lock.release();
  }

  /** Whether anybody holds its lock at this moment. */
  locked(): boolean {
    return this.lock.locked();
  }

  /**
   * Releases the lock, waits to be notified, and acquires the lock again. Resolves with true once notified, with false
   * when `timeout` milliseconds have passed first; the time it takes to get the lock back is not counted.
   * @throws {LockError} ERR_CONDITION_NOT_HELD when the caller does not hold the lock
   * @throws {LockError} ERR_CONDITION_FULL when 680 wait already
   * @throws {OwnerDiedError} ERR_OWNER_DIED when somebody who held the lock meanwhile died; the caller holds it nevertheless
   * @throws the signal's reason when cancelled
   *
   * Blocks: the caller only; the event loop goes on, and the wait by itself keeps no process alive.
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    const timeout = timeoutOf(options, "wait for the condition");
    this.requireHeld("wait for the condition");
    const waiter = this.table.enlist();
    const depth = this.word.suspend();
    const cancelled = await block(waiter, timeout, options?.signal).then(
      () => undefined,
      (reason: unknown) => ({ reason }),
    );
    const notified = waiter.leave();
    const died = await this.takeBack(depth);
    if (cancelled && notified) this.table.notify(1); // it goes to the next
    if (died) throw died;
    if (cancelled) throw cancelled.reason;
    return notified;
  }

  /**
   * As {@link wait}, but blocks the thread.
   *
   * Blocks: the thread.
   */
  waitSync(options?: SyncWaitOptions): boolean {
    const timeout = timeoutOf(options, "wait for the condition");
    this.requireHeld("wait for the condition");
    const waiter = this.table.enlist();
    const depth = this.word.suspend();
    blockSync(waiter, timeout);
    const notified = waiter.leave();
    const died = this.takeBackSync(depth);
    if (died) throw died;
    return notified;
  }

  /**
   * Waits until `predicate` returns something true, or resolves to it; looks at first and after each notification, always
   * with the lock held. Returns what it returned last: something false only if `timeout` milliseconds have passed.
   * @throws as {@link wait}, and what `predicate` throws
   */
  async waitFor<T>(predicate: () => T, options?: WaitOptions): Promise<Awaited<T>> {
    const deadline = performance.now() + timeoutOf(options, "wait for the condition");
    this.requireHeld("wait for the condition");
    let result = await predicate();
    while (!result) {
      const timeout = deadline - performance.now();
      if (timeout <= 0) break;
      await this.wait({ timeout, signal: options?.signal });
      result = await predicate();
    }
    return result;
  }

  /**
   * As {@link waitFor}, but blocks the thread.
   *
   * Blocks: the thread.
   */
  waitForSync<T>(predicate: () => T, options?: SyncWaitOptions): T {
    const deadline = performance.now() + timeoutOf(options, "wait for the condition");
    this.requireHeld("wait for the condition");
    let result = predicate();
    while (!result) {
      const timeout = deadline - performance.now();
      if (timeout <= 0) break;
      this.waitSync({ timeout });
      result = predicate();
    }
    return result;
  }

  /**
   * Lets up to `n` waiters go, those first that have waited longest. They go on once the caller releases the lock.
   * @param n a whole number from 1
   * @throws {LockError} ERR_CONDITION_NOT_HELD when the caller does not hold the lock
   */
  notify(n = 1): void {
    integerOf(n, "n", "notify the condition", 1, Number.MAX_SAFE_INTEGER);
    this.requireHeld("notify the condition");
    this.table.notify(n);
  }

  /**
   * Lets all waiters go.
   * @throws {LockError} ERR_CONDITION_NOT_HELD when the caller does not hold the lock
   */
  notifyAll(): void {
    this.notify(Number.MAX_SAFE_INTEGER);
  }

  override toString(): string {
    return `<${this.constructor.name}(${this.lock}, ${this.table.waiting()})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  private requireHeld(doing: string): void {
    if (this.word.heldByCaller()) return;
    throw new LockError("ERR_CONDITION_NOT_HELD", `cannot ${doing}: the caller does not hold its lock, ${this.lock}`);
  }

  // An owner's death is reported after the lock has been acquired all the same: the caller's `using` will release it, and
  // a plain Lock that somebody else holds by then must not be what is released.
  private async takeBack(depth: number): Promise<OwnerDiedError | undefined> {
    let died: OwnerDiedError | undefined;
    const once = () => block(this.word, Number.POSITIVE_INFINITY, undefined).catch(ownerDied);
    for (let got = await once(); got !== true; got = await once()) died = got;
    this.word.resume(depth);
    return died;
  }

  private takeBackSync(depth: number): OwnerDiedError | undefined {
    let died: OwnerDiedError | undefined;
    const once = () => {
      try {
        return blockSync(this.word, Number.POSITIVE_INFINITY);
      } catch (error) {
        return ownerDied(error);
      }
    };
    for (let got = once(); got !== true; got = once()) died = got;
    this.word.resume(depth);
    return died;
  }
}

function ownerDied(error: unknown): OwnerDiedError {
  if (error instanceof OwnerDiedError) return error;
  throw error;
}

interface PackedCondition {
  cell: CellHandle;
  lock: Lock;
}

registerShared({
  name: "Condition",
  cls: Condition,
  pack(condition: Condition): PackedCondition {
    const { cell, lock } = condition as unknown as { cell: Cell; lock: Lock };
    return { cell: cell.handle(), lock };
  },
  unpack(data) {
    const { cell, lock } = data as PackedCondition;
    return new Condition(lock, adoptCell(cell));
  },
});

blockingCalls("Condition", Condition.prototype, {
  acquireSync: ["acquire", 0, "tryAcquire"],
  waitSync: ["wait", 0],
  waitForSync: ["waitFor", 1],
});
