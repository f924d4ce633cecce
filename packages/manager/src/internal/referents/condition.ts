/** Condition of a manager. The predicate of a `waitFor` runs at the caller's: see the proxy. */
import { LockError } from "@cordage/ipc";
import { integerOf, invalidType, timeoutOf } from "@cordage/ipc/sys";
import type { Caller } from "../server/caller.js";
import { WaitingLine } from "../server/waiting-line.js";
import { builtIn, type Referent } from "./built-in.js";
import { AnyLock, RLockReferent } from "./lock.js";

export class ConditionReferent implements Referent {
  private readonly waiting = new WaitingLine<true>();

  constructor(private readonly lock: AnyLock) {}

  acquire(caller: Caller, options?: { timeout?: number }): boolean | Promise<boolean> {
    return this.lock.acquire(caller, options);
  }

  tryAcquire(caller: Caller): boolean {
    return this.lock.tryAcquire(caller);
  }

  release(caller: Caller): void {
    this.lock.release(caller);
  }

  locked(_caller?: Caller): boolean {
    return this.lock.locked();
  }

  /** Also a wait that timed out, or was cancelled, ends only once the caller has the lock again. */
  async wait(caller: Caller, options?: { timeout?: number }): Promise<boolean> {
    const timeout = timeoutOf(options, "wait for the condition");
    this.require(caller, "wait for the condition");
    const notified = this.waiting.wait(caller, timeout, () => this.lock.takeBack(caller, depth));
    const depth = this.lock.giveUp();
    const outcome = await notified;
    const passOn = () => void (outcome && this.waiting.next(true));
    await this.lock.takeBack(caller, depth, passOn);
    return outcome === true;
  }

  notify(caller: Caller, count: number = 1): void {
    const n = integerOf(count, "the number to notify", "notify", 0, Number.MAX_SAFE_INTEGER);
    this.require(caller, "notify");
    for (let i = 0; i < n && this.waiting.next(true); i++);
  }

  notifyAll(caller: Caller): void {
    this.notify(caller, this.waiting.length);
  }

  /** For a `waitFor`, whose predicate might be true without a wait. */
  requireHeld(caller: Caller): void {
    this.require(caller, "wait for the condition");
  }

  private require({ party }: Caller, doing: string): void {
    if (this.lock.isHeldBy(party)) return;
    throw new LockError("ERR_CONDITION_NOT_HELD", `cannot ${doing}: the caller does not hold its lock`);
  }

  toText(caller: Caller): string {
    return `<Condition(${this.lock.toText(caller)}, ${this.waiting.length})>`;
  }

  value(): unknown {
    return { locked: this.lock.locked(), waiting: this.waiting.length };
  }
}

export const condition = builtIn<ConditionReferent>({
  typeid: "Condition",
  exposed: ["acquire", "tryAcquire", "release", "locked", "wait", "requireHeld", "notify", "notifyAll", "toText"],
  make(host, [lock]) {
    if (lock === undefined || lock === null) return new ConditionReferent(new RLockReferent());
    const object = host.objectOf(lock);
    if (!(object instanceof AnyLock))
      throw invalidType("create a condition", "it needs a Lock or RLock of this manager", lock);
    return new ConditionReferent(object);
  },
});
