/** What every Barrier obeys. */
import { describe, expect, test } from "@jest/globals";
import { until } from "../until.js";
import { code, made } from "./expectations.js";
import type { BarrierLike } from "./objects.js";
import type { PeerLike } from "./peers.js";
import { scaled, type World } from "./world.js";

type Counts = ReturnType<World["SharedArray"]>;

const broken = { status: "rejected", reason: code("ERR_BROKEN_BARRIER") };

export function barrierLaws(world: World): void {
  describe.each(world.kinds)("a barrier with a %s for each party", (kind) => {
    lawsOfRounds(world, kind);
    lawsOfBreaking(world, kind);
  });
  lawsOfOneThread(world);
}

function start<T extends object[]>(world: World, kind: string, count: number, ...objects: T): Promise<PeerLike<T>[]> {
  return Promise.all(Array.from({ length: count }, () => world.start(kind, ...objects)));
}

const waitThere = (peer: PeerLike<[BarrierLike, ...object[]]>) => peer.run(([barrier]) => barrier.waitSync());

function lawsOfRounds(world: World, kind: string): void {
  // 64 _TestBarrier.test_barrier, 65 test_barrier_10, 66 test_wait_return
  test("keeps the parties in step, round after round, and numbers them", async () => {
    const barrier = await world.Barrier(3);
    const phases = world.SharedArray(10);
    const peers = await start(world, kind, 2, barrier, phases);
    const party = async ([barrier, phases]: [BarrierLike, Counts], blocking: boolean): Promise<[number[], number]> => {
      const ranks: number[] = [];
      let early = 0;
      for (let round = 0; round < 10; round++) {
        Atomics.add(phases.array, round, 1);
        ranks.push(blocking ? barrier.waitSync() : await barrier.wait());
        if (phases.array[round] !== 3) early++;
      }
      return [ranks, early];
    };
    const all = await Promise.all([...peers.map((peer) => peer.run(party, true)), party([barrier, phases], false)]);
    for (const [, early] of all) expect(early).toBe(0);
    for (let round = 0; round < 10; round++) expect(all.map(([ranks]) => ranks[round]).sort()).toEqual([0, 1, 2]);
    expect(barrier.nWaiting).toBe(0);
    expect(barrier.broken).toBe(false);
  });

  // 74 _TestBarrier.test_thousand
  test("passes a thousand times", async () => {
    const rounds = scaled(world, 1000);
    const barrier = await world.Barrier(2);
    const counts = world.SharedArray(2);
    const peers = await start(world, kind, 2, barrier, counts);
    const running = peers.map((peer) =>
      peer.run(([barrier, counts], rounds) => {
        for (let round = 1; round <= rounds; round++) {
          if (Atomics.add(counts.array, 0, 1) + 1 > 2 * round) Atomics.add(counts.array, 1, 1);
          barrier.waitSync();
        }
      }, rounds),
    );
    await Promise.all(running);
    expect([...counts.array]).toEqual([2 * rounds, 0]);
  });

  test("counts a party that died after it came", async () => {
    const barrier = await world.Barrier(3);
    const [dying, living] = await start(world, kind, 2, barrier);
    void waitThere(dying!);
    await until(() => barrier.nWaiting === 1);
    await dying!.kill();
    const theirs = waitThere(living!);
    expect((await Promise.all([theirs, barrier.wait()])).sort()).toEqual([1, 2]);
  });
}

function lawsOfBreaking(world: World, kind: string): void {
  // 69 _TestBarrier.test_reset
  test("is as new after a reset, which those who waited are told of", async () => {
    const barrier = await world.Barrier(3);
    const peers = await start(world, kind, 2, barrier);
    const waits = Promise.allSettled(peers.map(waitThere));
    await until(() => barrier.nWaiting === 2);
    barrier.reset();
    expect(await waits).toEqual([broken, broken]);
    expect(barrier.broken).toBe(false);
    const again = peers.map((peer) => peer.run(([barrier]) => barrier.wait()));
    expect((await Promise.all([...again, barrier.wait()])).sort()).toEqual([0, 1, 2]);
  });

  // 68 _TestBarrier.test_abort, 70 test_abort_and_reset
  test("stays broken once aborted, until it is reset", async () => {
    const barrier = await world.Barrier(2);
    const [peer] = await start(world, kind, 1, barrier);
    const wait = Promise.allSettled([waitThere(peer!)]);
    await until(() => barrier.nWaiting === 1);
    barrier.abort();
    expect(await wait).toEqual([broken]);
    expect(barrier.broken).toBe(true);
    expect(barrier.nWaiting).toBe(0);
    expect(await Promise.allSettled([barrier.wait()])).toEqual([broken]);
    expect(() => barrier.waitSync()).toThrow(code("ERR_BROKEN_BARRIER"));
    barrier.reset();
    expect(barrier.broken).toBe(false);
    expect((await Promise.all([barrier.wait(), waitThere(peer!)])).sort()).toEqual([0, 1]);
  });

  // 71 _TestBarrier.test_timeout, 72 test_default_timeout
  test.each([
    [{ timeout: 30 }, {}],
    [{}, { timeout: 30 }],
  ])("is broken for all when one does not come in time (%p, %p)", async (own, options) => {
    const barrier = await world.Barrier(3, own);
    const [peer] = await start(world, kind, 1, barrier);
    const waits = [barrier.wait(options), peer!.run(([barrier], options) => barrier.waitSync(options), options)];
    expect(await Promise.allSettled(waits)).toEqual([broken, broken]);
    expect(await Promise.allSettled([barrier.wait()])).toEqual([broken]);
    expect(barrier.broken).toBe(true);
  });
}

function lawsOfOneThread(world: World): void {
  // 67 _TestBarrier.test_action
  test("the action of a barrier runs once for each round, before anybody goes on", async () => {
    const { barrier, runs } = await world.countingBarrier(2);
    for (let round = 1; round <= 3; round++) {
      const seen = [barrier.wait(), barrier.wait()].map((wait) => wait.then(() => runs()));
      expect(await Promise.all(seen)).toEqual([round, round]);
    }
  });

  test("a wait that is cancelled breaks the barrier", async () => {
    const barrier = await world.Barrier(3);
    const abort = new AbortController();
    const waits = Promise.allSettled([barrier.wait({ signal: abort.signal }), barrier.wait()]);
    abort.abort(new Error("enough"));
    const cancelled = { status: "rejected", reason: expect.objectContaining({ message: "enough" }) };
    expect(await waits).toEqual([cancelled, broken]);
  });

  // 73 _TestBarrier.test_single_thread
  test("one party is enough for a barrier of one", async () => {
    const barrier = await world.Barrier(1);
    expect([barrier.waitSync(), barrier.waitSync(), barrier.parties]).toEqual([0, 0, 1]);
  });

  test.each([0, -1, 1.5, 2 ** 22])("a barrier for %p parties is refused", async (parties) => {
    await expect(made(() => world.Barrier(parties))).rejects.toThrow(code("ERR_OUT_OF_RANGE"));
  });
}
