/** Lock and RLock of a manager. */
import { LockError } from "@cordage/ipc";
import { timeoutOf } from "@cordage/ipc/sys";
import type { Caller, Holder, Party } from "../server/caller.js";
import { WaitingLine } from "../server/waiting-line.js";
import { builtIn, type Referent } from "./built-in.js";
import { nowOrLater } from "./now-or-later.js";

/**
 *   free -> held by a session -> free, or held by whoever waits longest
 *
 * A session that ends gives the lock back. One release that comes afterwards, for what it held, does nothing: so a
 * process may release what another one acquired before it ended, whichever of the two is noticed first.
 */
export abstract class AnyLock implements Referent, Holder {
  protected owner: Party | undefined;
  protected depth = 0;
  protected abandoned = false;
  protected readonly waiting = new WaitingLine<true>();
  protected abstract readonly name: string;

  acquire(caller: Caller, options?: { timeout?: number }): boolean | Promise<boolean> {
    const timeout = timeoutOf(options, `acquire the ${this.name}`);
    return nowOrLater(this.tryAcquire(caller), this.waiting, caller, timeout);
  }

  tryAcquire({ party }: Caller): boolean {
    if (this.owner && !this.mayEnter(party)) return false;
    this.give(party, this.depth + 1);
    return true;
  }

  abstract release(caller: Caller): void;
  abstract toText(caller: Caller): string;

  locked(_caller?: Caller): boolean {
    return this.owner !== undefined;
  }

  /** Whether a party that asks for it gets it although it is held. */
  protected abstract mayEnter(party: Party): boolean;

  protected give(party: Party, depth: number): void {
    this.owner = party;
    this.depth = depth;
    this.abandoned = false;
    party.holders.add(this);
  }

  /** To whoever waits longest, or to nobody. */
  protected free(): void {
    this.owner?.holders.delete(this);
    this.owner = undefined;
    this.depth = 0;
    const next = this.waiting.first()?.caller;
    if (!next) return;
    this.give(next.party, 1);
    this.waiting.next(true);
    if (this.mayEnter(next.party)) this.depth += this.waiting.nextOf(next.party, true);
  }

  sessionEnded(): void {
    this.free();
    this.abandoned = this.owner === undefined;
  }

  /** Whether the party may use a condition over it. */
  abstract isHeldBy(party: Party): boolean;

  /** Gives it up however often it was acquired; returns what `takeBack` needs. */
  giveUp(): number {
    const { depth } = this;
    this.free();
    return depth;
  }

  /**
   * For a party that waited for a condition, which gets the lock back whatever becomes of its wait, unless it has ended.
   * @param cancelled runs if it gives up meanwhile
   */
  async takeBack(caller: Caller, depth: number, cancelled?: () => void): Promise<void> {
    if (caller.party.ended) return;
    if (!this.tryAcquire(caller)) {
      await this.waiting.wait(caller, Number.POSITIVE_INFINITY, () => {
        cancelled?.();
        return this.takeBack(caller, depth);
      });
    }
    this.depth += depth - 1;
  }

  /** As the caller sees it: "this session", or who it is. */
  protected ownerFor({ party }: Caller): string {
    if (!this.owner) return "None";
    return this.owner === party ? "this session" : this.owner.label;
  }

  value(): unknown {
    return { locked: this.locked() };
  }
}

/** Anybody may release it, as in Python. */
export class LockReferent extends AnyLock {
  protected readonly name = "lock";

  protected mayEnter(): boolean {
    return false;
  }

  release(_caller: Caller): void {
    if (this.owner) this.free();
    else if (this.abandoned) this.abandoned = false;
    else throw new LockError("ERR_LOCK_NOT_HELD", "cannot release the lock: nobody holds it");
  }

  isHeldBy(): boolean {
    return this.owner !== undefined;
  }

  toText(caller: Caller): string {
    return `<Lock(owner=${this.ownerFor(caller)})>`;
  }
}

/** Belongs to a session, which may acquire it again. */
export class RLockReferent extends AnyLock {
  protected readonly name = "RLock";

  protected mayEnter(party: Party): boolean {
    return this.owner === party;
  }

  release({ party }: Caller): void {
    if (this.owner !== party) {
      const who = this.owner ? `${this.owner.label} holds it` : "nobody holds it";
      throw new LockError("ERR_LOCK_NOT_OWNED", `cannot release the RLock: ${who}`);
    }
    if (this.depth === 1) this.free();
    else this.depth--;
  }

  isHeldBy(party: Party): boolean {
    return this.owner === party;
  }

  toText(caller: Caller): string {
    return `<RLock(${this.ownerFor(caller)}, ${this.depth})>`;
  }
}

const exposed = ["acquire", "tryAcquire", "release", "locked", "toText"] as const;
export const lock = builtIn<LockReferent>({ typeid: "Lock", exposed, make: () => new LockReferent() });
export const rlock = builtIn<RLockReferent>({ typeid: "RLock", exposed, make: () => new RLockReferent() });
