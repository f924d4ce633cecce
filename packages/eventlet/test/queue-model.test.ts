/**
 * Random programs of greenthreads that put, get and resize, are killed and time out: a queue gives what was put, each once and in its order, and nothing
 * of those who gave up; and it never has more than it may. fast-check prints the seed and the path of a failing program; CORDAGE_SEED repeats it.
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
import { seed } from "@cordage/test-support";
import { type How, how, PATIENCE, QueueUsers, tryAll } from "@cordage/test-support/programs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";

type Step =
  | { do: "put" | "get"; how: How }
  | { do: "putNow" | "getNow"; times: number }
  | { do: "sleep" }
  | { do: "hurry" }
  | { do: "kill"; who: number }
  | { do: "resize"; to: number };

interface Program {
  maxsize: number;
  bodies: Step[][];
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom("put" as const, "get" as const), how }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("putNow" as const, "getNow" as const),
      times: fc.integer({ min: 2, max: 3 }),
    }),
  },
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

class World extends QueueUsers<LightQueue<number>> {
  private readonly threads: GreenThread[];

  constructor({ bodies }: Program, queue: LightQueue<number>) {
    super(queue, [QueueEmpty, QueueFull, Timeout], [GreenletExit, Timeout]);
    this.threads = bodies.map((steps) => spawn(() => this.live(steps)));
  }

  execute(): void {
    withTimeout(PATIENCE, () => this.untilAllHaveEnded(), { timeoutValue: undefined });
    for (const one of this.threads) one.kill();
    this.untilAllHaveEnded();
    this.takeWhatIsLeft();
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
    for (const one of steps) this.attempt(() => this.perform(one));
  }

  private perform(one: Step): void {
    if (one.do === "put") one.how === "now" ? this.putNow() : this.put(one.how);
    else if (one.do === "get") this.take(one.how);
    else if (one.do === "putNow") this.inOneTurn(one.times, () => this.putNow());
    else if (one.do === "getNow") this.inOneTurn(one.times, () => this.take("now"));
    else if (one.do === "sleep") sleep(0);
    else if (one.do === "hurry") withTimeout(1, () => this.put("wait"));
    else if (one.do === "resize") this.queue.resize(one.to);
    else if (one.do === "kill") this.threads[one.who % this.threads.length]!.kill();
  }

  private inOneTurn(times: number, call: () => void): void {
    for (let i = 0; i < times; i++) this.attempt(call);
  }

  /** Those who wait take one each. */
  private putNow(): void {
    this.put("now");
    expect(this.queue.qsize() - this.queue.getting()).toBeLessThanOrEqual(this.queue.maxsize);
  }
}

/** Whether it never is a channel, where what is put without waiting, or taken so, is of somebody who may be interrupted. */
const alwaysHolds = ({ maxsize, bodies }: Program) =>
  maxsize !== 0 && bodies.flat().every((one) => one.do !== "resize" || one.to !== 0);

const sorted = (items: number[]) => [...items].sort((a, b) => a - b);

test.each(Object.entries({ LightQueue, Queue, LifoQueue, PriorityQueue }))(
  `a %s gives what was put, each once, and nothing of those who gave up (seed ${seed})`,
  async (name, Kind) => {
    await tryAll(program, 100, (one) =>
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
        if (alwaysHolds(one)) expect(put.filter((item) => world.interrupted.includes(item))).toEqual([]);
        expect([queue.getting(), queue.putting(), queue.qsize()]).toEqual([0, 0, 0]);
        if (queue instanceof Queue) expect(queue.unfinishedTasks).toBe(put.length);
      }),
    );
  },
);
