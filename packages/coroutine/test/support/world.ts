// What a test under random schedules has: a scheduler, a clock and random choices, all of one seed, and a trace of what happened.

import { type Effect, Scheduler, sleep, TestClock } from "@cordage/coroutine";
import { seeded } from "@cordage/test-support";
import { expect } from "@jest/globals";

export type Wait<R = void> = Generator<Effect<unknown> | undefined, R, any>;

export class World {
  readonly trace: string[] = [];
  readonly clock = new TestClock();
  readonly scheduler: Scheduler;
  /** A whole number from 0 to `limit` - 1. */
  readonly below: (limit: number) => number;
  private lastAt = 0;

  constructor(seed: number) {
    this.scheduler = new Scheduler({ seed, clock: this.clock });
    this.below = seeded(seed);
  }

  note(what: string): void {
    this.lastAt = this.clock.now();
    this.trace.push(`${this.lastAt} ${what}`);
  }

  /** True in `percent` of all cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Nothing, a turn for the others, or some time. */
  *pause(): Wait {
    const kind = this.below(3);
    if (kind === 1) yield;
    if (kind === 2) yield* sleep(this.below(20));
  }

  /** Runs the program; then nothing is left: a timer that nobody removed would have moved the clock on. */
  async run(program: () => Wait): Promise<string[]> {
    await this.scheduler.runUntilComplete(program);
    expect(this.scheduler.size).toBe(0);
    expect(this.scheduler.describe()).toEqual([]);
    expect(this.clock.now()).toBe(this.lastAt);
    return this.trace;
  }
}

const only = process.env.CORDAGE_SEED;
const FIXED = 150;
const FRESH = 50;

/** The same seeds each time, and some that are new; with CORDAGE_SEED=n, that one. */
export function seeds(): number[] {
  if (only !== undefined) return [Number(only)];
  const fresh = Math.floor(Math.random() * 2 ** 30);
  return [...Array.from({ length: FIXED }, (_, i) => i + 1), ...Array.from({ length: FRESH }, (_, i) => fresh + i)];
}

/** Runs a scenario for each seed, twice: the second time everything goes as the first time. */
export async function underAnySchedule(scenario: (world: World) => Promise<string[]>): Promise<void> {
  for (const seed of seeds()) {
    try {
      const trace = await scenario(new World(seed));
      expect(await scenario(new World(seed))).toEqual(trace);
    } catch (error) {
      throw new Error(`it fails with CORDAGE_SEED=${seed}`, { cause: error });
    }
  }
}
