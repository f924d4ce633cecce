/** The lock around the short sections of one side of a queue. */
import { LockWord } from "../../lock.js";
import { currentOwner } from "../owner.js";
import { blockSync } from "../waiting.js";

/**
 * Never held across anything that runs code of others or waits. What it protects is whole at any instruction, so
 * one that a dead thread left behind is freed without a word.
 */
export class InnerLock extends LockWord {
  take(): void {
    if (!this.attempt(false)) blockSync(this, Number.POSITIVE_INFINITY);
  }

  /** A section that ended in a stack overflow may not have come to free it: then it is the caller's own, still. */
  override attempt(slept: boolean): true | undefined {
    return super.attempt(slept) ?? (this.owner() === currentOwner().tid ? true : undefined);
  }

  override recover(): void {
    this.freeFromTheDead();
  }
}
