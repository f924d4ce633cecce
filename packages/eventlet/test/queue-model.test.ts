/**
 * Random programs of greenthreads that put, get and resize, are killed and time out: a queue gives what was put, each once and in its order, and nothing
 * of those who gave up. fast-check prints the seed and the path of a failing program; CORDAGE_SEED repeats it.
 */
import {
  GreenletExit,
  type GreenThread,
  LifoQueue,
  LightQueue,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  run,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from "@cordage/eventlet";
import { expect, test } from "@jest/globals";
import fc from "fast-check";

const seed = Number(process.env.CORDAGE_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Without an end, for a millisecond, not at all. */
type How = "wait" | "soon" | "now";
type Step =
  | { do: "put" | "get"; how: How }
  | { do: "sleep" }
  | { do: "hurry" }
  | { do: "kill"; who: number }
  | { do: "resize"; to: number };

interface Program {
  maxsize: number;
  bodies: Step[][];
}

const how = fc.constantFrom<How>("wait", "wait", "soon", "now");
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom("put" as const, "get" as const), how }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ do: "sleep" }, { do: "hurry" }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("kill" as const), who: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resize" as const), to: fc.integer({ min: -1, max: 3 }) }) },
);
const program: fc.Arbitrary<Program> = fc.record({
  maxsize: fc.integer({ min: -1, max: 3 }),
  bodies: fc.array(fc.array(step, { maxLength: 12 }), { minLength: 2, maxLength: 10 }),
});

/** What goes in and out of a queue, as it sees that itself. */
function recorded(Kind: typeof LightQueue<number>, maxsize: number) {
  const [put, got]: [number[], number[]] = [[], []];
  class Recorded extends Kind {
    protected override _put(item: number): void {
      super._put(item);
      put.push(item);
    }
    protected override _get(): number {
      const item = super._get();
      got.push(item);
      return item;
    }
  }
  return { queue: new Recorded(maxsize), put, got };
}

/** Once a greenthread has waited in vain for so long, all are killed, in milliseconds. */
const PATIENCE = 8;

class World {
  /** Items whose put has returned, and those of puts that were interrupted. */
  readonly entered: number[] = [];
  readonly interrupted: number[] = [];
  readonly taken: number[] = [];
  private items = 0;
  private readonly threads: GreenThread[];

  constructor(
    { bodies }: Program,
    private readonly queue: LightQueue<number>,
  ) {
    this.threads = bodies.map((steps) => spawn(() => this.live(steps)));
  }

  execute(): void {
    withTimeout(PATIENCE, () => this.untilAllHaveEnded(), { timeoutValue: undefined });
    for (const one of this.threads) one.kill();
    this.untilAllHaveEnded();
    while (this.attempt({ do: "get", how: "now" }));
  }

  /** Throws an expectation that failed in there. */
  private untilAllHaveEnded(): void {
    for (const one of this.threads) {
      try {
        one.wait();
      } catch (error) {
        if (!(error instanceof GreenletExit)) throw error;
      }
    }
  }

  private live(steps: Step[]): void {
    for (const one of steps) this.attempt(one);
  }

  /** False if it could not be done, in time or at all. */
  private attempt(one: Step): boolean {
    try {
      this.perform(one);
      return true;
    } catch (error) {
      if (error instanceof QueueEmpty || error instanceof QueueFull || error instanceof Timeout) return false;
      throw error;
    }
  }

  private perform(one: Step): void {
    if (one.do === "put") this.put(one.how);
    else if (one.do === "get") this.taken.push(this.get(one.how));
    else if (one.do === "sleep") sleep(0);
    else if (one.do === "hurry") withTimeout(1, () => this.put("wait"));
    else if (one.do === "resize") this.queue.resize(one.to);
    else if (one.do === "kill") this.threads[one.who % this.threads.length]!.kill();
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
}

const limit = (how: How) => (how === "soon" ? { timeout: 1 } : undefined);
const sorted = (items: number[]) => [...items].sort((a, b) => a - b);

test.each(Object.entries({ LightQueue, Queue, LifoQueue, PriorityQueue }))(
  `a %s gives what was put, each once, and nothing of those who gave up (seed ${seed})`,
  async (name, Kind) => {
    const property = fc.asyncProperty(program, (one) =>
      run(() => {
        const { queue, put, got } = recorded(Kind as typeof LightQueue<number>, one.maxsize);
        const world = new World(one, queue);
        world.execute();
        if (name === "LightQueue" || name === "Queue") expect(got).toEqual(put);
        expect(sorted(got)).toEqual(sorted(put));
        expect(sorted(world.taken)).toEqual(sorted(put));
        expect(new Set(put).size).toBe(put.length);
        expect(world.entered.filter((item) => !put.includes(item))).toEqual([]);
        const known = [...world.entered, ...world.interrupted];
        expect(put.filter((item) => !known.includes(item))).toEqual([]);
        expect([queue.getting(), queue.putting(), queue.qsize()]).toEqual([0, 0, 0]);
        if (queue instanceof Queue) expect(queue.unfinishedTasks).toBe(put.length);
      }),
    );
    await fc.assert(property, { numRuns: 100, seed });
  },
);
