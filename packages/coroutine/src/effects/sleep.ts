/** The effect of waiting for time to pass. */
import { invalidType } from "@cordage/ipc/sys";
import { Effect, type Pending, type Waiter } from "../effect.js";
import { Timer } from "../internal/timers.js";

/**
 * An effect: the others have their turns for `ms` milliseconds at least; 0 is until the next round.
 * @throws {TypeError} ERR_INVALID_ARG_TYPE
 */
export function sleep(ms: number): Effect<void> {
  if (typeof ms !== "number" || Number.isNaN(ms)) throw invalidType("sleep", "ms must be a number of milliseconds", ms);
  return new Sleep(ms);
}

class Sleep extends Effect<void> {
  constructor(private readonly ms: number) {
    super();
  }

  begin(waiter: Waiter): Pending | undefined {
    if (this.ms <= 0) {
      waiter.settle(undefined);
      return undefined;
    }
    const sleeping = new Sleeping(waiter);
    waiter.fiber.machine.ringAfter(this.ms, sleeping);
    return sleeping;
  }
}

class Sleeping extends Timer implements Pending {
  constructor(private readonly waiter: Waiter) {
    super();
  }

  ring(): void {
    this.waiter.settle(undefined);
  }

  leave(): void {
    this.waiter.fiber.machine.removeTimer(this);
  }

  override toString(): string {
    return `sleeping until ${this.at.toFixed(1)} ms`;
  }
}
