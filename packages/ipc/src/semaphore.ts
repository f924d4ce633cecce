/** Counting semaphores between threads and processes. */
import { inspect } from "node:util";
import { LockError } from "./errors.js";
import { blockingCalls } from "./internal/blocking-calls.js";
import { adoptCell, allocateCell, type Cell, type CellHandle } from "./internal/cell.js";
import { Holdable } from "./internal/holdable.js";
import { integerOf, type SyncWaitOptions, timeoutOf, type WaitOptions } from "./internal/options.js";
import { registerShared } from "./internal/shared-type.js";
import { type Attempt, block, blockSync, Spin, wake } from "./internal/waiting.js";

/*
 * Layout of a semaphore's cell (Int32 words):
 *   0  value   permits left (bits 0 to 30), with SLEEPERS if somebody sleeps on this word
 *   1  limit   the most permits there may be; written once, before anybody else has the semaphore
 *
 * Transitions of `value`, each one atomic operation:
 *   n   -> n-1             acquire without having slept
 *   n   -> n-1|SLEEPERS    acquire after having slept: others may sleep too
 *   0   -> SLEEPERS        announce a sleeper
 *   v   -> v+n             release; wakes n sleepers if SLEEPERS is set
 *   v|SLEEPERS -> v        after a release that woke fewer than n: nobody is left asleep
 *
 * INVARIANT: whoever sleeps does so on the value SLEEPERS exactly (no permits), so each release either changes the word
 * under them or wakes one for each permit. SLEEPERS is kept by a release that found enough sleepers, for others
 * may be left; it is dropped only if the word is still what that release made it, and a sleeper that comes in between
 * finds the word changed.
 *
 * If a process dies between any two steps, the permits it took stay taken: there is no owner to ask about. One that
 * dies between adding permits and waking leaves sleepers with permits to take, and they look after each slice.
 */
const VALUE = 0;
const LIMIT = 1;
const SLEEPERS = 0x80000000 | 0;
const PERMITS = 0x7fffffff;
const MOST = 2 ** 30;

class SemaphoreWord implements Attempt<true> {
  readonly index = VALUE;
  readonly spin = new Spin();

  constructor(readonly words: Int32Array) {}

  attempt(slept: boolean): true | undefined {
    let value = Atomics.load(this.words, VALUE);
    while (value & PERMITS) {
      const next = (value - 1) | (slept ? SLEEPERS : 0);
      const seen = Atomics.compareExchange(this.words, VALUE, value, next);
      if (seen === value) return true;
      value = seen;
    }
    return undefined;
  }

  announce(): number {
    if (Atomics.load(this.words, VALUE) === 0) Atomics.compareExchange(this.words, VALUE, 0, SLEEPERS);
    return SLEEPERS;
  }

  /** Adds n permits; false, and nothing changed, if that were more than the limit. */
  add(n: number): boolean {
    const limit = this.words[LIMIT]!;
    let value = Atomics.load(this.words, VALUE);
    for (;;) {
      if ((value & PERMITS) + n > limit) return false;
      const seen = Atomics.compareExchange(this.words, VALUE, value, value + n);
      if (seen === value) break;
      value = seen;
    }
    if (value & SLEEPERS) this.wake(value + n, n);
    return true;
  }

  private wake(released: number, n: number): void {
    if (wake(this.words, VALUE, n) < n) Atomics.compareExchange(this.words, VALUE, released, released & PERMITS);
  }

  permits(): number {
    return Atomics.load(this.words, VALUE) & PERMITS;
  }
}

/**
 * A semaphore: a number of permits, of which `acquire` takes one and `release` gives back.
 *
 * A permit has no owner, so one held by a process that is killed stays taken, as in Python. Where that must not be,
 * use a {@link Lock}.
 *
 * @example
 * const slots = new Semaphore(4);
 * using slot = slots.holdSync();      // Python's  with slots:
 *
 * Safe from: any process and thread. Source: CPython multiprocessing/synchronize.py; futex(2).
 */
export class Semaphore extends Holdable {
  /** @internal */
  protected readonly cell: Cell;
  /** @internal */
  protected readonly word: SemaphoreWord;

  /**
   * @param value permits at the start, a whole number from 0 to 2^30
   * @throws {RangeError} ERR_OUT_OF_RANGE when it is not
   */
  constructor(value = 1, /** @internal */ cell?: unknown) {
    super();
    const doing = `create the ${new.target.name}`;
    this.cell = (cell as Cell | undefined) ?? allocateCell(8);
    this.word = new SemaphoreWord(this.cell.words);
    if (cell) return;
    this.cell.words[VALUE] = integerOf(value, "value", doing, 0, MOST);
    this.cell.words[LIMIT] = MOST;
  }

  /**
   * Resolves with true once a permit is taken, with false when `timeout` milliseconds have passed first.
   * @throws the signal's reason when cancelled
   *
   * Blocks: the caller only; the event loop goes on, and the wait by itself keeps no process alive.
   */
  async acquire(options?: WaitOptions): Promise<boolean> {
    const timeout = timeoutOf(options, "acquire the semaphore");
    return (await block(this.word, timeout, options?.signal)) ?? false;
  }

  /**
   * As {@link acquire}, but blocks the thread.
   *
   * Blocks: the thread.
   */
  acquireSync(options?: SyncWaitOptions): boolean {
    const timeout = options === undefined ? Number.POSITIVE_INFINITY : timeoutOf(options, "acquire the semaphore");
    return this.word.attempt(false) ?? blockSync(this.word, timeout) ?? false;
  }

  /** Takes a permit if there is one. */
  tryAcquire(): boolean {
    return this.word.attempt(false) ?? false;
  }

  /**
   * Gives `n` permits back and wakes as many waiters.
   * @param n a whole number from 1 to 2^30
   * @throws {LockError} ERR_SEMAPHORE_OVER_RELEASE when there would be more than 2^30; nothing has changed then
   */
  release(n = 1): void {
    if (n !== 1) integerOf(n, "n", "release the semaphore", 1, MOST);
    if (this.word.add(n)) return;
    const limit = this.cell.words[LIMIT];
    const reason = `it would have more than ${limit} permits`;
    throw new LockError("ERR_SEMAPHORE_OVER_RELEASE", `cannot release the semaphore: ${reason}, received ${n}`);
  }

  /** The permits left at this moment. */
  getValue(): number {
    return this.word.permits();
  }

  /** Whether no permit is left at this moment. */
  locked(): boolean {
    return this.getValue() === 0;
  }

  override toString(): string {
    return `<${this.constructor.name}(value=${this.getValue()})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/**
 * A semaphore that never has more permits than at its start: one `release` too many throws
 * {@link LockError} ERR_SEMAPHORE_OVER_RELEASE and changes nothing.
 */
export class BoundedSemaphore extends Semaphore {
  constructor(value = 1, /** @internal */ cell?: unknown) {
    super(value, cell);
    if (!cell) this.cell.words[LIMIT] = value;
  }

  override toString(): string {
    return `<${this.constructor.name}(value=${this.getValue()}, maxvalue=${this.cell.words[LIMIT]})>`;
  }
}

for (const cls of [Semaphore, BoundedSemaphore]) {
  registerShared({
    name: cls.name,
    cls,
    pack: (semaphore: Semaphore) => (semaphore as unknown as { cell: Cell }).cell.handle(),
    unpack: (handle) => new cls(0, adoptCell(handle as CellHandle)),
  });
}

blockingCalls("Semaphore", Semaphore.prototype, { acquireSync: ["acquire", 0, "tryAcquire"] });
