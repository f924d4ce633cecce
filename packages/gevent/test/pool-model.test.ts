/**
 * Random users of one pool, who are killed at random, and so are its jobs: there are never more than fit, no place is lost or doubled, and each
 * error is had by who waits for it or reported, once. fast-check prints the seed and the path of a failing program; CORDAGE_SEED repeats it.
 */
import { type Greenlet, idle, joinAll, kill, killAll, pool, run, setErrorHandler, sleep, spawn } from "@cordage/gevent";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { whileThereIsTime } from "./support/budget.js";

const seed = Number(process.env.CORDAGE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const { Pool, PoolFull } = pool;

type Act =
  | { do: "spawn" | "apply" | "applyAsync" | "start"; turns: number; fails: boolean }
  | { do: "map"; items: number; leaveAt: number }
  | { do: "kill"; what: "user" | "job"; who: number }
  | { do: "sleep" };

interface Program {
  size: number;
  users: Act[][];
}

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("spawn" as const, "apply" as const, "applyAsync" as const, "start" as const),
      turns: fc.nat(3),
      fails: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("map" as const), items: fc.nat(6), leaveAt: fc.nat(8) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("kill" as const),
      what: fc.constantFrom("user" as const, "job" as const),
      who: fc.nat(20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sleep" as const) }) },
);
const program: fc.Arbitrary<Program> = fc.record({
  size: fc.integer({ min: 1, max: 3 }),
  users: fc.array(fc.array(act, { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
});

class World {
  readonly thrown: Error[] = [];
  readonly caught: unknown[] = [];
  readonly pool: pool.Pool;
  private readonly users: Greenlet[];
  private running = 0;

  constructor({ size, users }: Program) {
    this.pool = new Pool(size);
    this.users = users.map((acts) => spawn(() => this.use(acts)));
  }

  execute(): void {
    joinAll(this.users, { timeout: 1000 });
    killAll(this.users);
    for (const one of this.users) one.get(); // an expectation that failed in there
    this.pool.join();
    idle();
    expect([this.pool.length, this.pool.freeCount(), this.running]).toEqual([0, this.pool.size, 0]);
  }

  private use(acts: Act[]): void {
    for (const one of acts) this.attempt(one);
  }

  private attempt(one: Act): void {
    try {
      this.perform(one);
    } catch (error) {
      if (this.thrown.includes(error as Error)) this.caught.push(error);
      else if (!(error instanceof PoolFull)) throw error;
    }
  }

  private perform(one: Act): void {
    if (one.do === "sleep") sleep(0);
    else if (one.do === "kill") this.kill(one.what === "user" ? this.users : [...this.pool], one.who);
    else if (one.do === "map") this.map(one.items, one.leaveAt);
    else this.begin(one.do, () => this.job(one.turns, one.fails));
  }

  private begin(how: "spawn" | "apply" | "applyAsync" | "start", job: () => void): void {
    if (how === "start") this.pool.start(spawn(job), { timeout: 0 });
    else this.pool[how](() => this.member(job));
  }

  private kill(those: Greenlet[], who: number): void {
    if (those.length > 0) kill(those[who % those.length]!);
  }

  private map(items: number, leaveAt: number): void {
    let taken = 0;
    for (const _ of this.pool.imapUnordered(
      () => this.member(() => sleep(0)),
      Array.from({ length: items }, (_, i) => i),
    ))
      if (taken++ === leaveAt) break;
  }

  private job(turns: number, fails: boolean): void {
    for (let i = 0; i < turns; i++) sleep(0);
    if (fails) throw this.noted(new Error("of a job"));
  }

  private member(body: () => void): void {
    try {
      expect(++this.running).toBeLessThanOrEqual(this.pool.size);
      body();
    } finally {
      this.running--;
    }
  }

  private noted(error: Error): Error {
    this.thrown.push(error);
    return error;
  }
}

test(`a pool keeps its places, and errors come to somebody, once (seed ${seed})`, async () => {
  const holds = whileThereIsTime(async (one: Program) => {
    const reported: unknown[] = [];
    const before = setErrorHandler((error) => void reported.push(error));
    try {
      const world = await run(() => {
        const made = new World(one);
        made.execute();
        return made;
      });
      const heard = [...world.caught, ...reported];
      expect(heard).toHaveLength(world.thrown.length);
      expect(new Set(heard)).toEqual(new Set(world.thrown));
    } finally {
      setErrorHandler(before);
    }
  });
  await fc.assert(fc.asyncProperty(program, holds), { numRuns: 300, seed });
});
