/** Waiting for the first of several effects. */
import { invalidType } from "@cordage/ipc/sys";
import { Effect, type Pending, type Waiter } from "./effect.js";
import type { Fiber } from "./internal/fiber.js";

/** Which one it was, from 0, and its result. */
export type Selected<E extends readonly unknown[]> = {
  [K in keyof E]: { index: number; value: E[K] extends Effect<infer T> ? T : never };
}[number];

/**
 * An effect: exactly one of several takes place, the first that can; of those that can at once, any one (with the scheduler's seed, a
 * certain one). The others have no effect: what they would have taken or put stays.
 * @returns the number of that one, from 0, and its result
 * @throws what that one fails with; {TypeError} ERR_INVALID_ARG_TYPE
 *
 * @example
 * const { index, value } = yield* select(requests.take(), answers.put(42), sleep(1000));
 *
 * Source: Go's select.
 */
export function select<const E extends readonly Effect<any>[]>(...effects: E): Effect<Selected<E>> {
  if (effects.length === 0 || !effects.every((effect) => effect instanceof Effect))
    throw invalidType("select", "it needs effects, such as channel.take()", effects);
  return new Select(effects) as Effect<Selected<E>>;
}

class Select extends Effect<{ index: number; value: unknown }> {
  constructor(private readonly effects: readonly Effect<unknown>[]) {
    super();
  }

  begin(waiter: Waiter): Pending | undefined {
    const selecting = new Selecting(waiter);
    selecting.begin(this.effects);
    return selecting.over ? undefined : selecting;
  }
}

class Selecting implements Pending {
  over = false;
  private readonly begun: Pending[] = [];

  constructor(readonly waiter: Waiter) {}

  begin(effects: readonly Effect<unknown>[]): void {
    const order = effects.map((_, index) => index);
    this.waiter.fiber.machine.anyRandom.shuffle(order);
    for (const index of order) {
      if (this.over) return;
      this.beginOne(index, effects[index]!);
    }
  }

  private beginOne(index: number, effect: Effect<unknown>): void {
    const one = new Case(this, index);
    try {
      const pending = effect.begin(one);
      if (pending) this.begun.push(pending);
    } catch (error) {
      one.fail(error);
    }
  }

  /** Whether this is the first. */
  decide(): boolean {
    if (this.over) return false;
    this.over = true;
    this.leave();
    return true;
  }

  leave(): void {
    for (const pending of this.begun) pending.leave();
  }

  toString(): string {
    return `waiting for the first of: ${this.begun.join(", ")}`;
  }
}

class Case implements Waiter {
  constructor(
    private readonly selecting: Selecting,
    private readonly index: number,
  ) {}

  get fiber(): Fiber {
    return this.selecting.waiter.fiber;
  }

  settle(value: unknown): void {
    const { index } = this;
    if (this.selecting.decide()) this.selecting.waiter.settle({ index, value });
  }

  fail(error: unknown): void {
    if (this.selecting.decide()) this.selecting.waiter.fail(error);
  }
}
