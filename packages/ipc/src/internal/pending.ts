/** One promise-form operation that waits its turn: settled once, by its result, its timeout, its signal or a close. */
import { TimeoutError } from "../errors.js";

/** Longer than a timer of Node can hold: as good as no limit. */
const LONGEST_TIMER = 2 ** 31;

export class Pending<T> {
  private timer: NodeJS.Timeout | undefined;

  /**
   * `giveUp` takes it out of its queue; false when it is too late for that. `onTime`: the result after a timeout,
   * instead of a TimeoutError.
   */
  constructor(
    private readonly resolve: (value: T) => void,
    private readonly reject: (reason: unknown) => void,
    private readonly signal: AbortSignal | undefined,
    timeout: number,
    private readonly doing: string,
    private readonly giveUp: (pending: Pending<T>) => boolean,
    private readonly onTime?: T,
  ) {
    signal?.addEventListener("abort", this.onAbort);
    if (timeout < LONGEST_TIMER) this.timer = setTimeout(this.onTimeout, Math.max(timeout, 1));
  }

  private readonly onAbort = (): void => {
    if (this.giveUp(this)) this.fail(this.signal?.reason);
  };

  private readonly onTimeout = (): void => {
    if (!this.giveUp(this)) return;
    if (this.onTime === undefined) this.fail(timedOut(this.doing));
    else this.settle(this.onTime);
  };

  private release(): void {
    clearTimeout(this.timer);
    this.signal?.removeEventListener("abort", this.onAbort);
  }

  settle(value: T): void {
    this.release();
    this.resolve(value);
  }

  fail(reason: unknown): void {
    this.release();
    this.reject(reason);
  }
}

export function timedOut(doing: string): TimeoutError {
  return new TimeoutError(`cannot ${doing}: the timeout passed first`);
}
