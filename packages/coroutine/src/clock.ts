/** Where a scheduler's time comes from. */
import { outOfRange } from "@cordage/ipc/sys";

export interface Clock {
  /** Milliseconds since some beginning; never goes back. */
  now(): number;
  /** Calls `ring` when `at` has come, instead of what was set before. */
  setAlarm(at: number, ring: () => void): void;
  clearAlarm(): void;
  /** Nothing happens but what tasks do: if all of them wait for each other, that is a deadlock. */
  readonly isolated?: boolean;
  /** Nothing is left to be done before `at`: goes there, if time is the clock's own to make. Whether it has. */
  skipTo?(at: number): boolean;
}

/** Longest delay of a timer of Node. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The time of this machine, in milliseconds since the process began. */
export class SystemClock implements Clock {
  #timer: NodeJS.Timeout | undefined;

  now(): number {
    return performance.now();
  }

  setAlarm(at: number, ring: () => void): void {
    clearTimeout(this.#timer);
    const delay = Math.ceil(at - this.now()); // never too early: setTimeout drops the fraction
    this.#timer = setTimeout(ring, Math.min(Math.max(delay, 0), LONGEST_DELAY));
  }

  clearAlarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * A clock for tests: an hour's sleep takes no time. When all tasks wait it goes on to what is due next; with
 * `{ manual: true }`, only by `advance`.
 *
 * @example
 * const scheduler = new Scheduler({ clock: new TestClock() });
 * await scheduler.runUntilComplete(function* () { yield* sleep(3_600_000); });
 */
export class TestClock implements Clock {
  readonly isolated: boolean;
  #now = 0;
  #alarm: { at: number; ring: () => void } | undefined;

  constructor({ manual = false }: { manual?: boolean } = {}) {
    this.isolated = !manual;
  }

  now(): number {
    return this.#now;
  }

  setAlarm(at: number, ring: () => void): void {
    this.#alarm = { at, ring };
  }

  clearAlarm(): void {
    this.#alarm = undefined;
  }

  skipTo(at: number): boolean {
    if (!this.isolated) return false;
    this.#now = Math.max(this.#now, at);
    return true;
  }

  /**
   * Goes `ms` milliseconds on; tasks for which it is time then have their turns, after this returns.
   * @throws {RangeError} ERR_OUT_OF_RANGE
   */
  advance(ms: number): void {
    if (!(ms >= 0)) throw outOfRange("advance the clock", "it goes on by 0 milliseconds or more", ms);
    this.#now += ms;
    const alarm = this.#alarm;
    if (!alarm || alarm.at > this.#now) return;
    this.#alarm = undefined;
    alarm.ring();
  }
}
