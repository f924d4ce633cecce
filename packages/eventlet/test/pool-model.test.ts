/**
 * Random users of one pool, who are killed at random, and so are its jobs: there are never more than fit, no place is lost or doubled, and each error is
 * had by who waits for it or reported, once. fast-check prints the seed and the path of a failing program; CORDAGE_SEED repeats it.
 */
import { GreenletExit, GreenPile, GreenPool, type GreenThread, kill, run, sleep, spawn } from "@cordage/eventlet";
import { idle, setErrorHandler } from "@cordage/gevent";
import { seed } from "@cordage/test-support";
import {
  errorsAreHeardOnce,
  type Generated,
  jobs,
  kills,
  type PoolProgram,
  PoolUsers,
  partly,
  poolPrograms,
  tryAll,
} from "@cordage/test-support/programs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";

const act = fc.oneof(
  { weight: 6, arbitrary: jobs("spawn", "spawnN", "wait", "within") },
  { weight: 1, arbitrary: partly("map") },
  { weight: 1, arbitrary: partly("pile") },
  { weight: 2, arbitrary: kills },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("sleep" as const, "waitall" as const) }) },
);
type Act = Generated<typeof act>;

class World extends PoolUsers<Act> {
  readonly pool: GreenPool;
  private readonly users: GreenThread[];
  private readonly jobs: GreenThread[] = [];

  constructor({ size, users }: PoolProgram<Act>) {
    super(size, () => sleep(0), GreenletExit);
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

  protected perform(one: Act): void {
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
}

test(`a pool keeps its places, and errors come to somebody, once (seed ${seed})`, async () => {
  await tryAll(poolPrograms(act), 300, (one) =>
    errorsAreHeardOnce(setErrorHandler, () =>
      run(() => {
        const made = new World(one);
        made.execute();
        return made;
      }),
    ),
  );
});
