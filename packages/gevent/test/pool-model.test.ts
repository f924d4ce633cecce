/**
 * Random users of one pool, who are killed at random, and so are its jobs: there are never more than fit, no place is lost or doubled, and each
 * error is had by who waits for it or reported, once. fast-check prints the seed and the path of a failing program; CORDAGE_SEED repeats it.
 */
import { type Greenlet, idle, joinAll, kill, killAll, pool, run, setErrorHandler, sleep, spawn } from "@cordage/gevent";
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

const { Pool, PoolFull } = pool;

const act = fc.oneof(
  { weight: 6, arbitrary: jobs("spawn", "apply", "applyAsync", "start") },
  { weight: 2, arbitrary: partly("map") },
  { weight: 2, arbitrary: kills },
  { weight: 1, arbitrary: fc.constant({ do: "sleep" as const }) },
);
type Act = Generated<typeof act>;

class World extends PoolUsers<Act> {
  readonly pool: pool.Pool;
  private readonly users: Greenlet[];

  constructor({ size, users }: PoolProgram<Act>) {
    super(size, () => sleep(0), PoolFull);
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

  protected perform(one: Act): void {
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
