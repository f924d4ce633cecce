/**
 * Random users of one pool, who are killed at random, and so are its jobs: there are never more than fit, no place is lost or doubled, and each error is
 * had by who waits for it or reported, once. fast-check prints the seed and the path of a failing program; CORDAGE_SEED repeats it.
 */
import { GreenletExit, GreenPile, GreenPool, type GreenThread, kill, run, sleep, spawn } from "@cordage/eventlet";
import { idle, setErrorHandler } from "@cordage/gevent";
import { expect, test } from "@jest/globals";
import fc from "fast-check";

const seed = Number(process.env.CORDAGE_SEED ?? Math.floor(Math.random() * 2 ** 31));

type Act =
  | { do: "spawn" | "spawnN" | "wait" | "within"; turns: number; fails: boolean }
  | { do: "map"; items: number; leaveAt: number }
  | { do: "pile"; items: number; leaveAt: number }
  | { do: "kill"; what: "user" | "job"; who: number }
  | { do: "sleep" | "waitall" };

interface Program {
  size: number;
  users: Act[][];
}

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom<"spawn" | "spawnN" | "wait" | "within">("spawn", "spawnN", "wait", "within"),
      turns: fc.nat(3),
      fails: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("map" as const), items: fc.nat(6), leaveAt: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pile" as const), items: fc.nat(6), leaveAt: fc.nat(8) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("kill" as const),
      what: fc.constantFrom<"user" | "job">("user", "job"),
      who: fc.nat(20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom<"sleep" | "waitall">("sleep", "waitall") }) },
);
const program: fc.Arbitrary<Program> = fc.record({
  size: fc.integer({ min: 1, max: 3 }),
  users: fc.array(fc.array(act, { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
});

class World {
  readonly thrown: unknown[] = [];
  readonly caught: unknown[] = [];
  readonly pool: GreenPool;
  private readonly users: GreenThread[];
  private readonly jobs: GreenThread[] = [];
  private running = 0;

  constructor({ size, users }: Program) {
    this.pool = new GreenPool(size);
    this.users = users.map((acts) => spawn(() => this.use(acts)));
  }

  execute(): void {
    for (const one of this.users) this.exitOf(one);
    this.pool.waitall();
    idle();
    expect([this.pool.running(), this.pool.free(), this.pool.waiting()]).toEqual([0, this.pool.size, 0]);
    expect(this.running).toBe(0);
  }

  /** Throws an expectation that failed in there. */
  private exitOf(one: GreenThread): void {
    try {
      one.wait();
    } catch (error) {
      if (!(error instanceof GreenletExit)) throw error;
    }
  }

  private use(acts: Act[]): void {
    for (const one of acts) this.attempt(one);
  }

  private attempt(one: Act): void {
    try {
      this.perform(one);
    } catch (error) {
      if (this.thrown.includes(error)) this.caught.push(error);
      else if (!(error instanceof GreenletExit)) throw error;
    }
  }

  private perform(one: Act): void {
    if (one.do === "sleep") sleep(0);
    else if (one.do === "waitall") this.pool.waitall();
    else if (one.do === "kill") this.kill(one.what === "user" ? this.users : this.jobs, one.who);
    else if (one.do === "map") this.map(one.items, one.leaveAt);
    else if (one.do === "pile") this.pile(one.items, one.leaveAt);
    else if ("turns" in one) this.begin(one.do, () => this.job(one.turns, one.fails));
  }

  private begin(how: "spawn" | "spawnN" | "wait" | "within", job: () => void): void {
    if (how === "spawnN") this.pool.spawnN(() => this.member(job));
    else if (how === "spawn") this.jobs.push(this.pool.spawn(() => this.member(job)));
    else if (how === "wait") this.pool.spawn(() => this.member(job)).wait();
    else this.pool.spawn(() => this.member(() => this.pool.spawn(job))).wait();
  }

  private kill(those: GreenThread[], who: number): void {
    if (those.length > 0) kill(those[who % those.length]!);
  }

  private map(items: number, leaveAt: number): void {
    let taken = 0;
    const all = Array.from({ length: items }, (_, i) => i);
    for (const i of this.pool.imap((x: number) => x, all)) {
      expect(i).toBe(taken);
      if (taken++ === leaveAt) break;
    }
  }

  private pile(items: number, leaveAt: number): void {
    const pile = new GreenPile<number>(this.pool);
    for (let i = 0; i < items; i++) pile.spawn((x: number) => x, i);
    for (let i = 0; i < Math.min(items, leaveAt); i++) expect(pile.next()).toEqual({ done: false, value: i });
  }

  private job(turns: number, fails: boolean): void {
    for (let i = 0; i < turns; i++) sleep(0);
    if (!fails) return;
    const error = new Error("of a job");
    this.thrown.push(error);
    throw error;
  }

  private member(body: () => void): void {
    try {
      expect(++this.running).toBeLessThanOrEqual(this.pool.size);
      body();
    } finally {
      this.running--;
    }
  }
}

test(`a pool keeps its places, and errors come to somebody, once (seed ${seed})`, async () => {
  const property = fc.asyncProperty(program, async (one) => {
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
  await fc.assert(property, { numRuns: 300, seed });
});
