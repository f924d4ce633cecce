/** The effect of waiting for time to pass. */
import { invalidType } from "@cordage/ipc/sys";
import { Effect, type Pending, type Waiter } from "../effect.js";
import type { Timer } from "../internal/timers.js";

/**
 * An effect: the others have their turns for `ms` milliseconds at least; 0 is until the next round.
 * @throws {TypeError} ERR_INVALID_ARG_TYPE
 */
export function sleep(ms: number): Effect<void> {
  if (typeof ms !== "number" || Number.isNaN(ms)) throw invalidType("sleep", "ms must be a number of milliseconds", ms);
  return new Sleep(ms);
}

/** INVARIANT: its timer is set while it has a waiter; whoever begins it meanwhile has another one. */
class Sleep extends Effect<void> implements Timer, Pending {
  at = 0;
  order = 0;
  index = -1;
  private waiter: Waiter | undefined = undefined;

  constructor(private readonly ms: number) {
    super();
  }

  begin(waiter: Waiter): Pending | undefined {
    if (this.ms <= 0) {
      waiter.settle(undefined);
      return undefined;
    }
    if (this.waiter) return new Sleep(this.ms).begin(waiter);
    this.waiter = waiter;
    waiter.fiber.machine.ringAfter(this.ms, this);
    return this;
  }

  ring(): void {
    const waiter = this.waiter!;
    this.waiter = undefined;
    waiter.settle(undefined);
  }

  leave(): void {
    this.waiter?.fiber.machine.removeTimer(this);
    this.waiter = undefined;
  }

  override toString(): string {
    return `sleeping until ${this.at.toFixed(1)} ms`;
  }
}
