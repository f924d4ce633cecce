/** Where a scheduler's time comes from. */
import { integerOf, outOfRange } from "@cordage/ipc/sys";

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

export interface TestClockOptions {
  /** Time goes on by `advance` only. Default: false. */
  manual?: boolean;
  /**
   * Milliseconds of real time to wait for what was called with `call` before time goes on; with 0, one turn of the event
   * loop, which is enough for promises that wait for no I/O. Default: 0.
   */
  patience?: number;
}

/**
 * A clock for tests: an hour's sleep takes no time. When all tasks wait it goes on to what is due next.
 *
 * @example
 * const scheduler = new Scheduler({ clock: new TestClock() });
 * await scheduler.runUntilComplete(function* () { yield* sleep(3_600_000); });
 *
 * Source: trio.testing.MockClock.
 */
export class TestClock implements Clock {
  readonly isolated: boolean;
  readonly #patience: number;
  #now = 0;
  #alarm: { at: number; ring: () => void } | undefined;
  #waiting: NodeJS.Immediate | NodeJS.Timeout | undefined;

  /** @throws {RangeError} ERR_OUT_OF_RANGE, @throws {TypeError} ERR_INVALID_ARG_TYPE */
  constructor({ manual = false, patience = 0 }: TestClockOptions = {}) {
    this.isolated = !manual;
    this.#patience = integerOf(patience, "patience", "make a clock", 0, LONGEST_DELAY);
  }

  now(): number {
    return this.#now;
  }

  setAlarm(at: number, ring: () => void): void {
    this.clearAlarm();
    this.#alarm = { at, ring };
    if (!this.isolated) return;
    const goOn = () => this.#goTo(at);
    this.#waiting = this.#patience > 0 ? setTimeout(goOn, this.#patience) : setImmediate(goOn);
  }

  clearAlarm(): void {
    clearTimeout(this.#waiting as NodeJS.Timeout);
    clearImmediate(this.#waiting as NodeJS.Immediate);
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
    this.#goTo(this.#now + ms);
  }

  #goTo(at: number): void {
    this.#now = at;
    const alarm = this.#alarm;
    if (!alarm || alarm.at > at) return;
    this.clearAlarm();
    alarm.ring();
  }
}
