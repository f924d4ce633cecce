/** Those who use a queue of numbers. */
import fc from "fast-check";

/** Without an end, for a millisecond, not at all. */
export type How = "wait" | "soon" | "now";
export const how: fc.Arbitrary<How> = fc.constantFrom<How>("wait", "wait", "soon", "now");

export function limit(one: How): { timeout: number } | undefined {
  return one === "soon" ? { timeout: 1 } : undefined;
}

/** Once somebody has waited in vain for so long, all are killed, in milliseconds. */
export const PATIENCE = 8;

export interface NumberQueue {
  put(item: number, options?: { timeout: number }): void;
  putNoWait(item: number): void;
  get(options?: { timeout: number }): number;
  getNoWait(): number;
}

type ErrorClass = abstract new (...args: any[]) => unknown;

/** Put numbers, each once, and take some; what has become of them. */
export class QueueUsers<Q extends NumberQueue> {
  /** Items whose put has returned, and those that were taken, in these orders. */
  readonly entered: number[] = [];
  readonly taken: number[] = [];
  /** Items whose put was interrupted: they may have been handed over by then, where a put waits for that. */
  readonly interrupted: number[] = [];
  private items = 0;

  /** @param refusals errors of what cannot be done, in time or at all, @param interruptions those thrown into whoever waits */
  constructor(
    protected readonly queue: Q,
    private readonly refusals: ErrorClass[],
    private readonly interruptions: ErrorClass[],
  ) {}

  /** False if it was refused. */
  protected attempt(call: () => void): boolean {
    try {
      call();
      return true;
    } catch (error) {
      if (isOf(this.refusals, error)) return false;
      throw error;
    }
  }

  protected put(one: How): void {
    const item = this.items++;
    try {
      if (one === "now") this.queue.putNoWait(item);
      else this.queue.put(item, limit(one));
    } catch (error) {
      if (isOf(this.interruptions, error)) this.interrupted.push(item);
      throw error;
    }
    this.entered.push(item);
  }

  protected take(one: How): void {
    this.taken.push(one === "now" ? this.queue.getNoWait() : this.queue.get(limit(one)));
  }

  protected takeWhatIsLeft(): void {
    while (this.attempt(() => this.take("now")));
  }
}

function isOf(classes: ErrorClass[], error: unknown): boolean {
  return classes.some((one) => error instanceof one);
}
