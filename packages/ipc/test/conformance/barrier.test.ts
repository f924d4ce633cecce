import { inspect } from "node:util";
import { Barrier, SharedArray } from "@cordage/ipc";
import { until } from "@cordage/test-support";
import { barrierLaws, peerKinds } from "@cordage/test-support/laws";
import { expect, test } from "@jest/globals";
import { startPeer } from "../support/peer.js";
import { world } from "../support/world.js";

const code = (code: string) => expect.objectContaining({ code });
const broken = { status: "rejected", reason: code("ERR_BROKEN_BARRIER") };
const outcome = (rank: number) => ({ status: "fulfilled", value: rank });

barrierLaws(world);

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
  const peer = await startPeer<any[]>(kind, barrier, acting);
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

test("a barrier prints how many wait", async () => {
  const barrier = new Barrier(2);
  expect(inspect(barrier)).toBe("<Barrier waiters=0/2>");
  const wait = Promise.allSettled([barrier.wait()]);
  expect(`${barrier}`).toBe("<Barrier waiters=1/2>");
  barrier.abort();
  expect(`${barrier}`).toBe("<Barrier broken>");
  await wait;
});
