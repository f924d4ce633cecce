/** One wait of one greenlet. */
import { type Greenlet, getCurrent } from "@cordage/greenlet";
import { InvalidSwitchError, NotInGreenletError } from "../errors.js";
import { type Callback, main, runNow, schedule, suspend } from "./hub.js";
import { switchFromHub } from "./switch-from-hub.js";

/** The greenlet that runs, which is about to wait. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET */
export function checkedCurrent(doing: string): Greenlet {
  const current = getCurrent();
  if (current === main) throw new NotInGreenletError(doing);
  return current;
}

/** What was last thrown into each greenlet where it waited. */
const interruptions = new WeakMap<Greenlet, unknown>();

/** Whether an error was thrown into the greenlet that runs, where it waited: it is no failure of what that called. */
export function hasInterrupted(error: unknown): boolean {
  const current = getCurrent();
  return interruptions.has(current) && interruptions.get(current) === error;
}

/**
 * Ends once, with a value or with an error, which may happen before somebody waits. A wait that is interrupted (by a timeout, or because its greenlet
 * is killed) throws in `get`; what the waiter had been given by then is lost unless the caller looks at `settled`.
 */
export class Waiter<T = void> implements Callback {
  settled = false;
  value: T | undefined;
  private failed = false;
  private error: unknown;
  greenlet: Greenlet | undefined;

  constructor(private readonly doing: string) {}

  /** Whoever is second is too late: whether this one was in time. The greenlet goes on soon. */
  end(value: T): boolean {
    const inTime = this.settle(value);
    if (inTime && this.greenlet) schedule(this);
    return inTime;
  }

  /** As `end`, but the greenlet goes on at once if this is a callback of the event loop. @param go how */
  endNow(value: T, go = runNow): boolean {
    const inTime = this.settle(value);
    if (inTime && this.greenlet) go(this);
    return inTime;
  }

  /** As `end`, with an error. */
  fail(error: unknown): boolean {
    const inTime = this.settleBadly(error);
    if (inTime && this.greenlet) schedule(this);
    return inTime;
  }

  /** As `endNow`, with an error. */
  failNow(error: unknown, go = runNow): boolean {
    const inTime = this.settleBadly(error);
    if (inTime && this.greenlet) go(this);
    return inTime;
  }

  private settle(value: T): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.value = value;
    return true;
  }

  private settleBadly(error: unknown): boolean {
    if (this.settled) return false;
    this.settled = this.failed = true;
    this.error = error;
    return true;
  }

  /** For the hub: switches to whoever waits, if he still does. */
  run(): void {
    if (!this.greenlet) return;
    switchFromHub(this.greenlet, this);
  }

  /** Blocks: the greenlet, until the end. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET */
  get(): T {
    if (!this.settled) this.suspend(checkedCurrent(this.doing));
    if (this.failed) throw this.error;
    return this.value as T;
  }

  /**
   * Waits until whoever is ready by now has had a turn.
   * @param leave how to go away: to the hub, or to somebody who has his turn before all others; returns what is sent to come back
   */
  pass(leave = suspend): void {
    const current = checkedCurrent(this.doing);
    this.settled = true;
    schedule(this);
    this.suspend(current, leave);
  }

  private suspend(current: Greenlet, leave = suspend): void {
    this.greenlet = current;
    try {
      const sent = leave(current);
      if (sent !== this)
        throw new InvalidSwitchError(`cannot go on: ${current} was switched to while it was to ${this.doing}`);
    } catch (error) {
      interruptions.set(current, error);
      throw error;
    } finally {
      this.greenlet = undefined;
    }
  }
}
