/** Random programs of greenlets over one queue, one semaphore and one event, as data, and what they may never do, whoever is killed or times out. */
import {
  event,
  type Greenlet,
  GreenletExit,
  joinAll,
  kill,
  killAll,
  lock,
  queue,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from "@cordage/gevent";
import { expect } from "@jest/globals";
import fc from "fast-check";

/** Without an end, for a millisecond, not at all. */
type How = "wait" | "soon" | "now";

type Step =
  | { do: "put" | "get" | "peek" | "hold" | "await"; how: How }
  | { do: "set" | "clear" }
  | { do: "sleep"; ms: number }
  | { do: "kill"; who: number }
  | { do: "hurry"; step: Step };

export interface Program {
  maxsize: number;
  permits: number;
  bodies: Step[][];
}

const how = fc.constantFrom<How>("wait", "wait", "soon", "now");
const simple: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("put" as const, "get" as const), how }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("peek" as const), how }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("hold" as const), how }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("await" as const), how }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("set" as const, "clear" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("sleep" as const), ms: fc.integer({ min: 0, max: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("kill" as const), who: fc.nat(9) }) },
);
const hurried: fc.Arbitrary<Step> = fc.record({ do: fc.constant("hurry" as const), step: simple });

export const program: fc.Arbitrary<Program> = fc.record({
  maxsize: fc.integer({ min: 0, max: 3 }),
  permits: fc.integer({ min: 1, max: 3 }),
  bodies: fc.array(
    fc.array(fc.oneof({ weight: 8, arbitrary: simple }, { weight: 1, arbitrary: hurried }), { maxLength: 12 }),
    {
      minLength: 2,
      maxLength: 10,
    },
  ),
});

export interface AnyQueue {
  put(item: number, options?: { timeout: number }): void;
  putNoWait(item: number): void;
  get(options?: { timeout: number }): number;
  getNoWait(): number;
  peek?(options?: { timeout: number }): number;
  peekNoWait?(): number;
}

/** Once a greenlet has waited in vain for so long, all are killed, in milliseconds. */
const PATIENCE = 8;

export class World {
  /** Items whose put has returned, and those that were taken, in these orders. */
  readonly entered: number[] = [];
  readonly taken: number[] = [];
  /** Items whose put was interrupted: they may have been handed over by then, where a put waits for that. */
  readonly interrupted: number[] = [];
  private readonly semaphore: lock.Semaphore;
  private readonly flag = new event.Event();
  private greenlets: Greenlet[] = [];
  private items = 0;
  private holders = 0;
  private sets = 0;

  constructor(
    private readonly program: Program,
    private readonly queue: AnyQueue,
  ) {
    this.semaphore = new lock.BoundedSemaphore(program.permits);
  }

  /** Runs the program to its end, and takes what is left. */
  execute(): void {
    this.greenlets = this.program.bodies.map((steps) => spawn(() => this.body(steps)));
    joinAll(this.greenlets, { timeout: PATIENCE });
    killAll(this.greenlets);
    for (const one of this.greenlets) one.get(); // an expectation that failed in there
    while (this.attempt({ do: "get", how: "now" }));
    expect([this.semaphore.counter, this.flag.linkCount]).toEqual([this.program.permits, 0]);
  }

  private body(steps: Step[]): void {
    for (const step of steps) this.attempt(step);
  }

  /** False if it could not be done, in time or at all. */
  private attempt(step: Step): boolean {
    try {
      this.perform(step);
      return true;
    } catch (error) {
      if (error instanceof Timeout || error instanceof queue.QueueEmpty || error instanceof queue.QueueFull)
        return false;
      throw error;
    }
  }

  private perform(step: Step): void {
    if (step.do === "put") this.put(step.how);
    else if (step.do === "get") this.taken.push(this.get(step.how));
    else if (step.do === "peek") this.peek(step.how);
    else if (step.do === "hold") this.hold(step.how);
    else if (step.do === "await") this.await(step.how);
    else if (step.do === "sleep") sleep(step.ms);
    else if (step.do === "kill") kill(this.greenlets[step.who % this.greenlets.length]!);
    else if (step.do === "hurry") withTimeout(1, () => this.perform(step.step));
    else this.change(step.do);
  }

  private put(how: How): void {
    const item = this.items++;
    try {
      if (how === "now") this.queue.putNoWait(item);
      else this.queue.put(item, limit(how));
    } catch (error) {
      if (error instanceof GreenletExit || error instanceof Timeout) this.interrupted.push(item);
      throw error;
    }
    this.entered.push(item);
  }

  private get(how: How): number {
    return how === "now" ? this.queue.getNoWait() : this.queue.get(limit(how));
  }

  private peek(how: How): void {
    const seen = how === "now" ? this.queue.peekNoWait?.() : this.queue.peek?.(limit(how));
    if (seen !== undefined) expect(this.taken).not.toContain(seen);
  }

  private hold(how: How): void {
    if (!(how === "now" ? this.semaphore.tryAcquire() : this.semaphore.acquire(limit(how)))) return;
    try {
      expect(++this.holders).toBeLessThanOrEqual(this.program.permits);
      sleep(0);
    } finally {
      this.holders--;
      this.semaphore.release();
    }
  }

  private await(how: How): void {
    if (this.flag.wait(how === "now" ? { timeout: 0 } : limit(how))) expect(this.sets).toBeGreaterThan(0);
  }

  private change(what: "set" | "clear"): void {
    if (what === "clear") this.flag.clear();
    else {
      this.sets++;
      this.flag.set();
    }
  }
}

function limit(how: How): { timeout: number } | undefined {
  return how === "soon" ? { timeout: 1 } : undefined;
}
