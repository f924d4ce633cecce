import { inspect } from "node:util";
import { Barrier, SharedArray } from "@cordage/ipc";
import { until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { Peer, peerKinds } from "../support/peer.js";

const code = (code: string) => expect.objectContaining({ code });
const broken = { status: "rejected", reason: code("ERR_BROKEN_BARRIER") };
const outcome = (rank: number) => ({ status: "fulfilled", value: rank });

describe.each(peerKinds)("a barrier with a %s for each party", (kind) => {
  const start = async (n: number, barrier: Barrier, ...more: object[]) =>
    Promise.all(Array.from({ length: n }, () => Peer.start<any[]>(kind, barrier, ...more)));

  // 64 _TestBarrier.test_barrier, 65 test_barrier_10, 66 test_wait_return
  test("keeps the parties in step, round after round, and numbers them", async () => {
    const barrier = new Barrier(3);
    const phases = new SharedArray(Int32Array, 10);
    const peers = await start(2, barrier, phases);
    const party = async ([barrier, phases]: any[], blocking: boolean): Promise<[number[], number]> => {
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
    const barrier = new Barrier(2);
    const counts = new SharedArray(Int32Array, 2);
    const peers = await start(2, barrier, counts);
    const running = peers.map((peer) =>
      peer.run(([barrier, counts]) => {
        for (let round = 1; round <= 1000; round++) {
          if (Atomics.add(counts.array, 0, 1) + 1 > 2 * round) Atomics.add(counts.array, 1, 1);
          barrier.waitSync();
        }
      }),
    );
    await Promise.all(running);
    expect([...counts.array]).toEqual([2000, 0]);
  });

  // 69 _TestBarrier.test_reset
  test("is as new after a reset, which those who waited are told of", async () => {
    const barrier = new Barrier(3);
    const peers = await start(2, barrier);
    const waits = Promise.allSettled(peers.map((peer) => peer.run(([barrier]) => barrier.waitSync())));
    await until(() => barrier.nWaiting === 2);
    barrier.reset();
    expect(await waits).toEqual([broken, broken]);
    expect(barrier.broken).toBe(false);
    const again = peers.map((peer) => peer.run(([barrier]) => barrier.wait()));
    expect((await Promise.all([...again, barrier.wait()])).sort()).toEqual([0, 1, 2]);
  });

  // 68 _TestBarrier.test_abort, 70 test_abort_and_reset
  test("stays broken once aborted, until it is reset", async () => {
    const barrier = new Barrier(2);
    const [peer] = await start(1, barrier);
    const wait = Promise.allSettled([peer!.run(([barrier]) => barrier.waitSync())]);
    await until(() => barrier.nWaiting === 1);
    barrier.abort();
    expect(await wait).toEqual([broken]);
    expect(barrier.broken).toBe(true);
    expect(barrier.nWaiting).toBe(0);
    expect(await Promise.allSettled([barrier.wait()])).toEqual([broken]);
    expect(() => barrier.waitSync()).toThrow(code("ERR_BROKEN_BARRIER"));
    barrier.reset();
    expect(barrier.broken).toBe(false);
    expect((await Promise.all([barrier.wait(), peer!.run(([barrier]) => barrier.waitSync())])).sort()).toEqual([0, 1]);
  });

  // 71 _TestBarrier.test_timeout, 72 test_default_timeout
  test.each([
    [{ timeout: 30 }, {}],
    [{}, { timeout: 30 }],
  ])("is broken for all when one does not come in time (%p, %p)", async (own, options) => {
    const barrier = new Barrier(3, own);
    const [peer] = await start(1, barrier);
    const waits = [barrier.wait(options), peer!.run(([barrier], options) => barrier.waitSync(options), options)];
    expect(await Promise.allSettled(waits)).toEqual([broken, broken]);
    expect(await Promise.allSettled([barrier.wait()])).toEqual([broken]);
    expect(barrier.broken).toBe(true);
  });

  test("counts a party that died after it came", async () => {
    const barrier = new Barrier(3);
    const [dying, living] = await start(2, barrier);
    void dying!.run(([barrier]) => barrier.waitSync());
    await until(() => barrier.nWaiting === 1);
    await dying!.kill();
    const theirs = living!.run(([barrier]) => barrier.waitSync());
    expect((await Promise.all([theirs, barrier.wait()])).sort()).toEqual([1, 2]);
  });
});

// 67 _TestBarrier.test_action
test("the last party runs the action, before anybody goes on", async () => {
  const calls: number[] = [];
  const barrier = new Barrier(2, {
    action: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      calls.push(barrier.nWaiting);
    },
  });
  for (let round = 1; round <= 3; round++) {
    const seen = [barrier.wait(), barrier.wait()].map((wait) => wait.then(() => calls.length));
    expect(await Promise.all(seen)).toEqual([round, round]);
  }
});

test("an action that throws breaks the barrier, and its error is that party's", async () => {
  const barrier = new Barrier(2, {
    action: () => {
      throw new Error("no way");
    },
  });
  const waits = await Promise.allSettled([barrier.wait(), barrier.wait()]);
  expect(waits).toEqual([broken, { status: "rejected", reason: expect.objectContaining({ message: "no way" }) }]);
  expect(barrier.broken).toBe(true);
});

test("a blocking wait refuses an action that returns a promise", () => {
  const barrier = new Barrier(1, { action: async () => {} });
  expect(() => barrier.waitSync()).toThrow(code("ERR_INVALID_ARG_TYPE"));
  expect(barrier.broken).toBe(true);
});

test.each(["reset", "abort"] as const)("a %s while the action runs reaches every party", async (how) => {
  const barrier: Barrier = new Barrier(2, { action: () => barrier[how]() });
  expect(await Promise.allSettled([barrier.wait(), barrier.wait()])).toEqual([broken, broken]);
  expect(barrier.broken).toBe(how === "abort");
});

test("a timeout no longer counts once all have come", async () => {
  const barrier = new Barrier(2, { action: () => new Promise((resolve) => setTimeout(resolve, 60)) });
  const waits = [barrier.wait({ timeout: 20 }), barrier.wait()];
  expect(await Promise.allSettled(waits)).toEqual([outcome(0), outcome(1)]);
});

test.each(peerKinds)("a %s that dies while it runs the action breaks the barrier for all", async (kind) => {
  const barrier = new Barrier(2);
  const acting = new SharedArray(Int32Array, 1);
  const peer = await Peer.start<any[]>(kind, barrier, acting);
  const wait = Promise.allSettled([barrier.wait()]);
  void peer.run(([barrier, acting]) => {
    // An action does not travel with this barrier: give the copy here one.
    barrier.action = () => {
      acting.array[0] = 1;
      return new Promise(() => {});
    };
    return barrier.wait();
  });
  await until(() => acting.array[0] === 1);
  await peer.kill();
  expect(await wait).toEqual([broken]);
  expect(barrier.broken).toBe(true);
});

test("a wait that is cancelled breaks the barrier", async () => {
  const barrier = new Barrier(3);
  const abort = new AbortController();
  const waits = Promise.allSettled([barrier.wait({ signal: abort.signal }), barrier.wait()]);
  abort.abort(new Error("enough"));
  expect(await waits).toEqual([{ status: "rejected", reason: expect.objectContaining({ message: "enough" }) }, broken]);
});

// 73 _TestBarrier.test_single_thread
test("one party is enough for a barrier of one", () => {
  const barrier = new Barrier(1);
  expect([barrier.waitSync(), barrier.waitSync(), barrier.parties]).toEqual([0, 0, 1]);
});

test.each([0, -1, 1.5, 2 ** 22])("a barrier for %p parties is refused", (parties) => {
  expect(() => new Barrier(parties)).toThrow(code("ERR_OUT_OF_RANGE"));
});

test("a barrier prints how many wait", async () => {
  const barrier = new Barrier(2);
  expect(inspect(barrier)).toBe("<Barrier waiters=0/2>");
  const wait = Promise.allSettled([barrier.wait()]);
  expect(`${barrier}`).toBe("<Barrier waiters=1/2>");
  barrier.abort();
  expect(`${barrier}`).toBe("<Barrier broken>");
  await wait;
});
