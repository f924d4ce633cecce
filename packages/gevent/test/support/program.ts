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
import { type How, how, limit, type NumberQueue, PATIENCE, QueueUsers } from "@cordage/test-support/programs";
import { expect } from "@jest/globals";
import fc from "fast-check";

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

export interface AnyQueue extends NumberQueue {
  peek?(options?: { timeout: number }): number;
  peekNoWait?(): number;
}

export class World extends QueueUsers<AnyQueue> {
  private readonly semaphore: lock.Semaphore;
  private readonly flag = new event.Event();
  private greenlets: Greenlet[] = [];
  private holders = 0;
  private sets = 0;

  constructor(
    private readonly program: Program,
    q: AnyQueue,
  ) {
    super(q, [Timeout, queue.QueueEmpty, queue.QueueFull], [GreenletExit, Timeout]);
    this.semaphore = new lock.BoundedSemaphore(program.permits);
  }

  /** Runs the program to its end, and takes what is left. */
  execute(): void {
    this.greenlets = this.program.bodies.map((steps) => spawn(() => this.body(steps)));
    joinAll(this.greenlets, { timeout: PATIENCE });
    killAll(this.greenlets);
    for (const one of this.greenlets) one.get(); // an expectation that failed in there
    this.takeWhatIsLeft();
    expect([this.semaphore.counter, this.flag.linkCount]).toEqual([this.program.permits, 0]);
  }

  private body(steps: Step[]): void {
    for (const step of steps) this.attempt(() => this.perform(step));
  }

  private perform(step: Step): void {
    if (step.do === "put") this.put(step.how);
    else if (step.do === "get") this.take(step.how);
    else if (step.do === "peek") this.peek(step.how);
    else if (step.do === "hold") this.hold(step.how);
    else if (step.do === "await") this.await(step.how);
    else if (step.do === "sleep") sleep(step.ms);
    else if (step.do === "kill") kill(this.greenlets[step.who % this.greenlets.length]!);
    else if (step.do === "hurry") withTimeout(1, () => this.perform(step.step));
    else this.change(step.do);
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
