/** The list of those who wait for a condition, in shared memory. */
import { LockError } from "../errors.js";
import { currentOwner, ownerLives } from "./owner.js";
import { type Attempt, Spin, wake } from "./waiting.js";

/*
 * Layout (Int32 words):
 *   0            tickets  the number of the next waiter, wrapping; changes only under the condition's lock
 *   1            used     entries from here on are free; changes only under the condition's lock
 *   2 + 3i       state    of entry i: 0 = free; else the waiter's thread id, with NOTIFIED once it may go. Its sleeper's word
 *   2 + 3i + 1   start    when that thread began (see owner.ts)
 *   2 + 3i + 2   ticket   its number: the lowest has waited longest
 *
 * Transitions of `state`, each one atomic operation:
 *   free -> tid            enlist, under the lock, after `start`, `ticket` and `used` are written
 *   tid  -> tid|NOTIFIED   notify, under the lock; then wakes that one sleeper
 *   tid  -> free           leave without having been notified: timed out or cancelled; without the lock
 *   tid|NOTIFIED -> free   leave
 *   any of a dead thread -> free   when the table is full, or when its turn comes in notify
 *
 * INVARIANT: only `tid -> free` and `tid -> tid|NOTIFIED` compete, and one of them wins: a waiter knows for certain whether
 * it was notified, and a notification is never spent on one who has left.
 *
 * If a process dies between any two steps: before `state` is written there is no entry; afterwards there is one of a dead
 * thread, which notify passes over. The lock's own recovery does the rest.
 */
const TICKETS = 0;
const USED = 1;
const FIRST = 2;
const EACH = 3;
const NOTIFIED = 0x40000000;
const TID = 0x3fffffff;

/** 8 KiB for 680 waiters at a time. */
export const TABLE_BYTES = 8192;

/** One waiter's entry. */
export class Waiter implements Attempt<true> {
  constructor(
    readonly words: Int32Array,
    readonly index: number,
    readonly spin: Spin,
  ) {}

  attempt(): true | undefined {
    return Atomics.load(this.words, this.index) & NOTIFIED ? true : undefined;
  }

  // Nothing to announce: notify always wakes.
  announce(): number {
    return Atomics.load(this.words, this.index);
  }

  /** Gives the entry up; returns whether it was notified. */
  leave(): boolean {
    const { tid } = currentOwner();
    if (Atomics.compareExchange(this.words, this.index, tid, 0) === tid) return false;
    Atomics.store(this.words, this.index, 0);
    return true;
  }
}

/** Everything but `waiting` is called under the condition's lock. */
export class WaiterTable {
  private readonly spin = new Spin();
  private readonly capacity: number;

  constructor(private readonly words: Int32Array) {
    this.capacity = Math.floor((words.length - FIRST) / EACH);
  }

  /** @throws {LockError} ERR_CONDITION_FULL */
  enlist(): Waiter {
    const at = FIRST + EACH * this.freeEntry();
    const self = currentOwner();
    this.words[at + 1] = self.start;
    this.words[at + 2] = this.words[TICKETS]!++;
    Atomics.store(this.words, at, self.tid);
    return new Waiter(this.words, at, this.spin);
  }

  /** Lets the n that have waited longest go. */
  notify(n: number): void {
    const entries = this.waitingEntries();
    let left = n;
    for (const [rank, at] of entries.entries()) {
      if (left === 0) break;
      // Where all may go, one who is dead takes nothing from the others.
      const sure = left >= entries.length - rank;
      if ((sure || this.lives(at)) && this.release(at)) left--;
    }
    this.shrink();
  }

  /** How many wait at this moment, those included who died waiting. */
  waiting(): number {
    return this.waitingEntries().length;
  }

  /** The entries of those who wait, longest first. */
  private waitingEntries(): number[] {
    const found: number[] = [];
    for (let at = FIRST; at < FIRST + EACH * this.words[USED]!; at += EACH) {
      const state = Atomics.load(this.words, at);
      if (state !== 0 && !(state & NOTIFIED)) found.push(at);
    }
    return found.sort((a, b) => (this.words[a + 2]! - this.words[b + 2]!) | 0);
  }

  private release(at: number): boolean {
    const state = Atomics.load(this.words, at);
    if (state === 0 || Atomics.compareExchange(this.words, at, state, state | NOTIFIED) !== state) return false;
    wake(this.words, at, 1);
    return true;
  }

  /** Whether the entry's thread lives; frees the entry if not. */
  private lives(at: number): boolean {
    const state = Atomics.load(this.words, at);
    if (state === 0 || ownerLives(state & TID, this.words[at + 1]!)) return true;
    Atomics.compareExchange(this.words, at, state, 0);
    return false;
  }

  private freeEntry(): number {
    const used = this.words[USED]!;
    for (let i = 0; i < used; i++) if (Atomics.load(this.words, FIRST + EACH * i) === 0) return i;
    if (used < this.capacity) {
      this.words[USED] = used + 1;
      return used;
    }
    for (let i = 0; i < used; i++) if (!this.lives(FIRST + EACH * i)) return i;
    const reason = `${this.capacity} are waiting, and there is room for no more`;
    throw new LockError("ERR_CONDITION_FULL", `cannot wait for the condition: ${reason}`);
  }

  private shrink(): void {
    let used = this.words[USED]!;
    while (used > 0 && Atomics.load(this.words, FIRST + EACH * (used - 1)) === 0) used--;
    this.words[USED] = used;
  }
}
