import { inspect } from "node:util";
import { BoundedSemaphore, Semaphore, SharedArray } from "@cordage/ipc";
import { describe, expect, test } from "@jest/globals";
import { Peer, peerKinds } from "../support/peer.js";

const code = (code: string) => expect.objectContaining({ code });

describe.each([Semaphore, BoundedSemaphore])("%p", (Cls) => {
  // 52 _TestSemaphore.test_semaphore, 53 test_bounded_semaphore
  test("counts its permits down and up", async () => {
    const semaphore = new Cls(2);
    expect(semaphore.getValue()).toBe(2);
    expect(await semaphore.acquire()).toBe(true);
    expect(semaphore.getValue()).toBe(1);
    expect(semaphore.acquireSync()).toBe(true);
    expect(semaphore.getValue()).toBe(0);
    expect(semaphore.locked()).toBe(true);
    expect(semaphore.tryAcquire()).toBe(false);
    expect(semaphore.getValue()).toBe(0);
    expect(semaphore.release()).toBeUndefined();
    expect(semaphore.getValue()).toBe(1);
    semaphore.release();
    expect(semaphore.getValue()).toBe(2);
  });

  // 54 _TestSemaphore.test_timeout
  test("gives up after the timeout, at once where there is none left", async () => {
    const semaphore = new Cls(0);
    expect(semaphore.tryAcquire()).toBe(false);
    expect(semaphore.acquireSync({ timeout: 0 })).toBe(false);
    expect(await semaphore.acquire({ timeout: -1 })).toBe(false);
    const start = performance.now();
    expect(semaphore.acquireSync({ timeout: 50 })).toBe(false);
    expect(await semaphore.acquire({ timeout: 50 })).toBe(false);
    expect(performance.now() - start).toBeGreaterThanOrEqual(98);
  });

  test("is held for the length of a block", async () => {
    const semaphore = new Cls(2);
    {
      using _one = semaphore.holdSync();
      using _two = await semaphore.hold();
      expect(semaphore.getValue()).toBe(0);
      expect(() => semaphore.holdSync({ timeout: 1 })).toThrow(code("ERR_TIMEOUT"));
    }
    expect(semaphore.getValue()).toBe(2);
  });

  describe.each(peerKinds)("and a %s", (kind) => {
    test("gives each permit to one who waits, in either form", async () => {
      const semaphore = new Cls(3);
      for (let i = 0; i < 3; i++) semaphore.acquireSync();
      const peers = await Promise.all([Peer.start(kind, semaphore), Peer.start(kind, semaphore)]);
      const waits = [...peers.map((peer) => peer.run(([semaphore]) => semaphore.acquireSync())), semaphore.acquire()];
      for (let i = 0; i < 3; i++) semaphore.release();
      expect(await Promise.all(waits)).toEqual([true, true, true]);
      expect(semaphore.getValue()).toBe(0);
    });

    test("wakes as many as it is released by", async () => {
      const semaphore = new Cls(4);
      for (let i = 0; i < 4; i++) semaphore.acquireSync();
      const peer = await Peer.start(kind, semaphore);
      const theirs = peer.run(([s]) => Promise.all([s.acquire(), s.acquire()]));
      const ours = [semaphore.acquire(), semaphore.acquire()];
      semaphore.release(4);
      expect(await theirs).toEqual([true, true]);
      expect(await Promise.all(ours)).toEqual([true, true]);
      expect(semaphore.getValue()).toBe(0);
    });

    test("never lets more in than it has permits, and loses none", async () => {
      const semaphore = new Cls(2);
      const inside = new SharedArray(Int32Array, 2, { lock: false });
      const peers = await Promise.all([1, 2, 3].map(() => Peer.start(kind, semaphore, inside)));
      const work = peers.map((peer) =>
        peer.run(async ([semaphore, inside]) => {
          for (let i = 0; i < 2000; i++) {
            if (i % 50) semaphore.acquireSync();
            else await semaphore.acquire();
            if (Atomics.add(inside.array, 0, 1) >= 2) Atomics.add(inside.array, 1, 1);
            Atomics.sub(inside.array, 0, 1);
            semaphore.release();
          }
        }),
      );
      await Promise.all(work);
      expect([...inside.array]).toEqual([0, 0]);
      expect(semaphore.getValue()).toBe(2);
    });

    test("keeps a dead holder's permit, and serves the others", async () => {
      const semaphore = new Cls(2);
      const [holder, waiter] = await Promise.all([Peer.start(kind, semaphore), Peer.start(kind, semaphore)]);
      await holder.run(([semaphore]) => semaphore.acquireSync());
      semaphore.acquireSync();
      void waiter.run(([semaphore]) => semaphore.acquire());
      await waiter.run(() => {}); // it is waiting by now
      const own = semaphore.acquire();
      await Promise.all([holder.kill(), waiter.kill()]);
      semaphore.release();
      expect(await own).toBe(true);
      expect(semaphore.getValue()).toBe(0);
    });
  });

  test("lets a wait be cancelled, and loses no permit by it", async () => {
    const semaphore = new Cls(1);
    semaphore.acquireSync();
    const abort = new AbortController();
    const cancelled = semaphore.acquire({ signal: abort.signal });
    const other = semaphore.acquire();
    abort.abort(new Error("enough"));
    await expect(cancelled).rejects.toThrow("enough");
    semaphore.release();
    expect(await other).toBe(true);
  });

  test.each([-1, 1.5, 2 ** 30 + 1])("refuses to start with %p permits", (value) => {
    expect(() => new Cls(value)).toThrow(code("ERR_OUT_OF_RANGE"));
  });

  test.each([0, -1, 0.5])("refuses to release %p permits", (n) => {
    expect(() => new Cls(1).release(n)).toThrow(code("ERR_OUT_OF_RANGE"));
  });
});

// 52 _TestSemaphore.test_semaphore
test("a plain semaphore may have more permits than at its start", () => {
  const semaphore = new Semaphore(2);
  semaphore.release();
  expect(semaphore.getValue()).toBe(3);
  semaphore.release();
  expect(semaphore.getValue()).toBe(4);
  semaphore.release(3);
  expect(semaphore.getValue()).toBe(7);
});

// 53 _TestSemaphore.test_bounded_semaphore
test("a bounded semaphore refuses a release too many, and nothing changes", async () => {
  const semaphore = new BoundedSemaphore(2);
  expect(() => semaphore.release()).toThrow(code("ERR_SEMAPHORE_OVER_RELEASE"));
  semaphore.acquireSync();
  expect(() => semaphore.release(2)).toThrow(code("ERR_SEMAPHORE_OVER_RELEASE"));
  expect(semaphore.getValue()).toBe(1);
  const peer = await Peer.start("process", semaphore);
  await peer.run(([semaphore]) => semaphore.release());
  await expect(peer.run(([semaphore]) => semaphore.release())).rejects.toThrow(code("ERR_SEMAPHORE_OVER_RELEASE"));
  expect(semaphore.getValue()).toBe(2);
});

test("a semaphore holds no more than 2^30 permits", () => {
  const semaphore = new Semaphore(2 ** 30);
  expect(() => semaphore.release()).toThrow(code("ERR_SEMAPHORE_OVER_RELEASE"));
  expect(semaphore.getValue()).toBe(2 ** 30);
});

test("semaphores print their values", () => {
  expect(inspect(new Semaphore(2))).toBe("<Semaphore(value=2)>");
  expect(`${new BoundedSemaphore(3)}`).toBe("<BoundedSemaphore(value=3, maxvalue=3)>");
});
