/** Semaphore and BoundedSemaphore of a manager. */
import { LockError } from "@cordage/ipc";
import { integerOf, timeoutOf } from "@cordage/ipc/sys";
import type { Caller, Holder, Party } from "../server/caller.js";
import { WaitingLine } from "../server/waiting-line.js";
import { builtIn, type Referent } from "./built-in.js";
import { nowOrLater } from "./now-or-later.js";

const MOST = 2 ** 30;

/**
 * Counts permits, and who has taken how many. A release of a session that has taken none is one on behalf of whoever
 * has had a permit for the longest time.
 *
 * A session that ends gives back what it has taken, but never so much that there are more permits than at the start: a
 * semaphore from 0 that signals does not signal by a death. As many releases that come afterwards do nothing, as with
 * a lock.
 */
export class SemaphoreReferent implements Referent, Holder {
  private readonly taken = new Map<Party, number>();
  private givenBack = 0;
  private readonly waiting = new WaitingLine<true>();

  constructor(
    private permits: number,
    private readonly initial: number,
    private readonly bounded: boolean,
  ) {}

  acquire(caller: Caller, options?: { timeout?: number }): boolean | Promise<boolean> {
    const timeout = timeoutOf(options, "acquire the semaphore");
    return nowOrLater(this.tryAcquire(caller), this.waiting, caller, timeout);
  }

  tryAcquire({ party }: Caller): boolean {
    if (this.permits === 0) return false;
    this.permits--;
    this.give(party);
    return true;
  }

  private give(party: Party): void {
    this.givenBack = 0;
    this.taken.set(party, (this.taken.get(party) ?? 0) + 1);
    party.holders.add(this);
  }

  release({ party }: Caller, count: number = 1): void {
    const n = integerOf(count, "the number of permits", "release the semaphore", 1, MOST);
    this.checkRoomFor(n);
    for (let i = 0; i < n; i++) this.releaseOne(party);
  }

  /** All or nothing. */
  private checkRoomFor(n: number): void {
    const most = this.bounded ? this.initial : MOST;
    if (this.permits + n - this.givenBack <= most) return;
    const reason = `there would be more permits than ${this.bounded ? "at its start" : "it can count"}`;
    throw new LockError("ERR_SEMAPHORE_OVER_RELEASE", `cannot release the semaphore: ${reason}, received ${n}`);
  }

  private releaseOne(party: Party): void {
    const holder = this.taken.has(party) ? party : this.longestHolder();
    if (holder) this.take(holder, 1);
    else if (this.givenBack > 0) {
      this.givenBack--;
      return;
    }
    this.add();
  }

  private longestHolder(): Party | undefined {
    const [party] = this.taken.keys();
    return party;
  }

  private take(party: Party, count: number): void {
    const left = this.taken.get(party)! - count;
    if (left > 0) this.taken.set(party, left);
    else {
      this.taken.delete(party);
      party.holders.delete(this);
    }
  }

  /** A permit more, for whoever waits longest. */
  private add(): void {
    const next = this.waiting.first()?.caller;
    if (next) {
      this.give(next.party);
      this.waiting.next(true);
    } else this.permits++;
  }

  sessionEnded(party: Party): void {
    const had = this.taken.get(party) ?? 0;
    this.take(party, had);
    for (let i = 0; i < had && this.permits < this.initial; i++) {
      const waited = this.waiting.length > 0;
      this.add();
      if (!waited) this.givenBack++;
    }
  }

  getValue(_caller?: Caller): number {
    return this.permits;
  }

  locked(_caller?: Caller): boolean {
    return this.permits === 0;
  }

  toText(_caller: Caller): string {
    return this.bounded
      ? `<BoundedSemaphore(value=${this.permits}, maxvalue=${this.initial})>`
      : `<Semaphore(value=${this.permits})>`;
  }

  value(): unknown {
    return this.permits;
  }
}

const exposed = ["acquire", "tryAcquire", "release", "locked", "toText", "getValue"] as const;
function make(bounded: boolean) {
  return (_host: unknown, [value = 1]: [number?]) => {
    const permits = integerOf(value, "the number of permits", "create a semaphore", 0, MOST);
    return new SemaphoreReferent(permits, permits, bounded);
  };
}
export const semaphore = builtIn<SemaphoreReferent>({ typeid: "Semaphore", exposed, make: make(false) });
export const boundedSemaphore = builtIn<SemaphoreReferent>({ typeid: "BoundedSemaphore", exposed, make: make(true) });
