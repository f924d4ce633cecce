/** A mutual-exclusion lock between threads and processes. */
import { type InspectOptions, inspect } from "node:util";
import { LockError, OwnerDiedError } from "./errors.js";
import { blockingCalls } from "./internal/blocking-calls.js";
import { adoptCell, allocateCell, type Cell, type CellHandle } from "./internal/cell.js";
import { Holdable } from "./internal/holdable.js";
import { type SyncWaitOptions, timeoutOf, type WaitOptions } from "./internal/options.js";
import { currentOwner, ownerLives } from "./internal/owner.js";
import { ownerLabel } from "./internal/process-name.js";
import { registerShared } from "./internal/shared-type.js";
import { type Attempt, block, blockSync, Spin, wake } from "./internal/waiting.js";

/*
 * Layout of a lock's cell (Int32 words):
 *   0  state   0 = free; else the owner's thread id, with SLEEPERS if somebody sleeps on this word
 *   1  start   when the owner's thread began (see owner.ts); 0 = not written yet
 *   2  depth   how often the owner holds it (RLock only; written by the owner)
 *
 * Transitions of `state`, each one atomic operation:
 *   free -> tid             acquire without having slept
 *   free -> tid|SLEEPERS    acquire after having slept: others may sleep too
 *   tid  -> tid|SLEEPERS    announce a sleeper
 *   any  -> free            release; wakes one sleeper if SLEEPERS was set
 *   dead -> free            recovery by one waiter, which then throws OwnerDiedError
 *
 * If the owner dies between any two steps, `state` still names it (or is free): a waiter that has slept a slice asks
 * the kernel whether that thread lives, and recovers. `start` is zeroed before `state` is freed, so that a new owner
 * that has not written its own yet is never taken for a recycled id.
 *
 * INVARIANT: while a living thread owns the lock, only that thread writes `start` and `depth`. Several waiters may
 * find the same dead owner, and all but one are late: they must not touch what a new owner has written, so a
 * recovery changes `start` by compare-exchange and leaves `depth` to whoever acquires next.
 */
const STATE = 0;
const START = 1;
const DEPTH = 2;
const SLEEPERS = 0x80000000 | 0;
const TID = 0x3fffffff;
export const LOCK_BYTES = 12;

/** What waiting for a lock means; shared by Lock and RLock and by whatever embeds a lock in a larger cell. */
export class LockWord implements Attempt<true> {
  readonly index = STATE;
  readonly spin = new Spin();
  private lastLook = 0;

  constructor(readonly words: Int32Array) {}

  attempt(slept: boolean): true | undefined {
    if (Atomics.load(this.words, STATE) !== 0) return undefined;
    const self = currentOwner();
    if (Atomics.compareExchange(this.words, STATE, 0, slept ? self.tid | SLEEPERS : self.tid) !== 0) return undefined;
    this.words[START] = self.start;
    return true;
  }

  announce(): number {
    const state = Atomics.load(this.words, STATE);
    if (state === 0 || state & SLEEPERS) return state;
    Atomics.compareExchange(this.words, STATE, state, state | SLEEPERS);
    return state | SLEEPERS;
  }

  /** @throws {OwnerDiedError} ERR_OWNER_DIED in the one waiter that frees a dead owner's lock. */
  recover(): void {
    const tid = this.freeFromTheDead();
    if (tid === 0) return;
    const who = tid === process.pid ? "this process" : `thread or process ${tid}`;
    throw new OwnerDiedError(`cannot acquire the lock: its owner died while it held it, ${who}; the lock works again`);
  }

  /** Frees the lock if its owner is dead; returns the owner's id if this call did it, else 0. */
  freeFromTheDead(): number {
    const state = Atomics.load(this.words, STATE);
    const start = Atomics.load(this.words, START);
    if (state === 0 || ownerLives(state & TID, start)) return 0;
    // Between the two reads the lock may have changed hands: only a pair that stays the same is one owner's.
    if (Atomics.load(this.words, START) !== start || Atomics.load(this.words, STATE) !== state) return 0;
    Atomics.compareExchange(this.words, START, start, 0);
    if (Atomics.compareExchange(this.words, STATE, state, 0) !== state) return 0;
    wake(this.words, STATE, 1);
    return state & TID;
  }

  /** As recover(), for callers that never sleep: looks at most every 10 ms. */
  glance(): void {
    const now = performance.now();
    if (now - this.lastLook < 10) return;
    this.lastLook = now;
    this.recover();
  }

  free(): void {
    this.words[START] = 0;
    if (Atomics.exchange(this.words, STATE, 0) & SLEEPERS) wake(this.words, STATE, 1);
  }

  /** The id of the owner's thread, 0 if free. */
  owner(): number {
    return Atomics.load(this.words, STATE) & TID;
  }

  /** Whether the caller may act as its holder: for a Lock, whether anybody holds it. */
  heldByCaller(): boolean {
    return this.owner() !== 0;
  }

  /** Frees it however deep it is held; returns the depth for {@link resume}. */
  suspend(): number {
    this.free();
    return 1;
  }

  /** Restores the depth, once it has been acquired again. */
  resume(_depth: number): void {}
}

/** As LockWord, but its owner succeeds at once, also while another wait of the same thread is under way. */
class RLockWord extends LockWord {
  override attempt(slept: boolean): true | undefined {
    if (this.heldByCaller()) {
      this.words[DEPTH]!++;
      return true;
    }
    const acquired = super.attempt(slept);
    if (acquired) this.words[DEPTH] = 1;
    return acquired;
  }

  override heldByCaller(): boolean {
    const self = currentOwner();
    return this.owner() === self.tid && this.words[START] === self.start;
  }

  override suspend(): number {
    const depth = this.words[DEPTH]!;
    this.free();
    return depth;
  }

  // Added, not set: another async function of this thread may hold it too.
  override resume(depth: number): void {
    this.words[DEPTH]! += depth - 1;
  }

  /** One release; frees it with the last. */
  leave(): void {
    if (--this.words[DEPTH]! === 0) this.free();
  }
}

/**
 * A lock. Any thread of any process that has it may release it, as in Python; only one holds it.
 *
 * A holder that is killed is noticed: one waiter gets {@link OwnerDiedError}, then the lock works again.
 *
 * @example
 * using held = lock.holdSync();      // Python's  with lock:
 *
 * Safe from: any process and thread. Source: CPython multiprocessing/synchronize.py; futex(2).
 */
export class Lock extends Holdable {
  /** @internal */
  protected readonly cell: Cell;
  /** @internal */
  protected readonly word: LockWord;

  constructor(/** @internal */ cell?: unknown) {
    super();
    this.cell = (cell as Cell | undefined) ?? allocateCell(LOCK_BYTES);
    this.word = this.wordOver(this.cell.words);
  }

  /** @internal */
  protected wordOver(words: Int32Array): LockWord {
    return new LockWord(words);
  }

  /**
   * Resolves with true once the lock is held, with false when `timeout` milliseconds have passed first.
   * @throws {OwnerDiedError} ERR_OWNER_DIED when its holder died; the caller does not hold it then
   * @throws the signal's reason when cancelled
   *
   * Blocks: the caller only; the event loop goes on, and the wait by itself keeps no process alive.
   */
  async acquire(options?: WaitOptions): Promise<boolean> {
    const timeout = timeoutOf(options, "acquire the lock");
    if (timeout <= 0 && !options?.signal?.aborted) return this.tryAcquire();
    return (await block(this.word, timeout, options?.signal)) ?? false;
  }

  /**
   * As {@link acquire}, but blocks the thread.
   *
   * Blocks: the thread.
   */
  acquireSync(options?: SyncWaitOptions): boolean {
    const timeout = options === undefined ? Number.POSITIVE_INFINITY : timeoutOf(options, "acquire the lock");
    if (this.word.attempt(false)) return true;
    return timeout <= 0 ? this.tryAcquire() : (blockSync(this.word, timeout) ?? false);
  }

  /**
   * Takes the lock if it is free.
   * @throws {OwnerDiedError} ERR_OWNER_DIED when its holder died
   */
  tryAcquire(): boolean {
    if (this.word.attempt(false)) return true;
    this.word.glance();
    return false;
  }

  /**
   * Gives the lock up and wakes one waiter.
   * @throws {LockError} ERR_LOCK_NOT_HELD when nobody holds it
   */
  release(): void {
    if (!this.locked()) throw new LockError("ERR_LOCK_NOT_HELD", "cannot release the lock: nobody holds it");
    this.word.free();
  }

  /** Whether anybody holds it at this moment. */
  locked(): boolean {
    return this.word.owner() !== 0;
  }

  override toString(): string {
    return `<${this.constructor.name}(owner=${ownerLabel(this.word.owner())})>`;
  }

  [inspect.custom](_depth: number, _options: InspectOptions): string {
    return this.toString();
  }
}

/**
 * A lock that its owner may take again; it is free after as many releases. The owner is a thread: two async functions
 * of one thread are the same owner.
 *
 * Differs from Python: a killed owner is noticed, see {@link Lock}.
 */
export class RLock extends Lock {
  /** @internal */
  protected override wordOver(words: Int32Array): LockWord {
    return new RLockWord(words);
  }

  /** @throws {LockError} ERR_LOCK_NOT_OWNED when the calling thread is not the owner */
  override release(): void {
    const word = this.word as RLockWord;
    if (!word.heldByCaller()) throw notOwned(word.owner());
    word.leave();
  }

  override toString(): string {
    const owner = this.word.owner();
    const depth = owner === 0 ? 0 : this.word.heldByCaller() ? this.cell.words[DEPTH] : "nonzero";
    return `<RLock(${ownerLabel(owner)}, ${depth})>`;
  }
}

function notOwned(owner: number): LockError {
  const who =
    owner === 0 ? "nobody holds it" : `thread ${owner} holds it, received a call from thread ${currentOwner().tid}`;
  return new LockError("ERR_LOCK_NOT_OWNED", `cannot release the lock: ${who}`);
}

for (const cls of [Lock, RLock]) {
  registerShared({
    name: cls.name,
    cls,
    pack: (lock: Lock) => cellOf(lock).handle(),
    unpack: (handle) => new cls(adoptCell(handle as CellHandle)),
  });
}

/** The cell of a lock, for what is built around one. */
export function cellOf(lock: Lock): Cell {
  return (lock as unknown as { cell: Cell }).cell;
}

/** The word of a lock, for what waits with it. */
export function wordOf(lock: Lock): LockWord {
  return (lock as unknown as { word: LockWord }).word;
}

blockingCalls("Lock", Lock.prototype, { acquireSync: ["acquire", 0, "tryAcquire"] });
