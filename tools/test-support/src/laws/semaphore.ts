/** What every Semaphore and BoundedSemaphore obeys. */
import { describe, expect, test } from "@jest/globals";
import { code, made } from "./expectations.js";
import { scaled, type World } from "./world.js";

type Name = "Semaphore" | "BoundedSemaphore";
const MOST = 2 ** 30;

export function semaphoreLaws(world: World): void {
  describe.each<Name>(["Semaphore", "BoundedSemaphore"])("%s", (name) => {
    lawsOfPermits(world, name);
    lawsOfArguments(world, name);
    describe.each(world.kinds)("and a %s", (kind) => {
      lawsOfSharing(world, name, kind);
    });
  });
  lawsOfBounds(world);
}

function lawsOfPermits(world: World, name: Name): void {
  // 52 _TestSemaphore.test_semaphore, 53 test_bounded_semaphore
  test("counts its permits down and up", async () => {
    const semaphore = await world[name](2);
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
    const semaphore = await world[name](0);
    expect(semaphore.tryAcquire()).toBe(false);
    expect(semaphore.acquireSync({ timeout: 0 })).toBe(false);
    expect(await semaphore.acquire({ timeout: -1 })).toBe(false);
    const start = performance.now();
    expect(semaphore.acquireSync({ timeout: 50 })).toBe(false);
    expect(await semaphore.acquire({ timeout: 50 })).toBe(false);
    expect(performance.now() - start).toBeGreaterThanOrEqual(98);
  });

  test("is held for the length of a block", async () => {
    const semaphore = await world[name](2);
    {
      using _one = semaphore.holdSync();
      using _two = await semaphore.hold();
      expect(semaphore.getValue()).toBe(0);
      expect(() => semaphore.holdSync({ timeout: 1 })).toThrow(code("ERR_TIMEOUT"));
    }
    expect(semaphore.getValue()).toBe(2);
  });

  test("lets a wait be cancelled, and loses no permit by it", async () => {
    const semaphore = await world[name](1);
    semaphore.acquireSync();
    const abort = new AbortController();
    const cancelled = semaphore.acquire({ signal: abort.signal });
    const other = semaphore.acquire();
    abort.abort(new Error("enough"));
    await expect(cancelled).rejects.toThrow("enough");
    semaphore.release();
    expect(await other).toBe(true);
  });
}

function lawsOfArguments(world: World, name: Name): void {
  test.each([-1, 1.5, MOST + 1])("refuses to start with %p permits", async (value) => {
    await expect(made(() => world[name](value))).rejects.toThrow(code("ERR_OUT_OF_RANGE"));
  });

  test.each([0, -1, 0.5])("refuses to release %p permits", async (n) => {
    const semaphore = await world[name](1);
    expect(() => semaphore.release(n)).toThrow(code("ERR_OUT_OF_RANGE"));
  });
}

function lawsOfSharing(world: World, name: Name, kind: string): void {
  test("gives each permit to one who waits, in either form", async () => {
    const semaphore = await world[name](3);
    for (let i = 0; i < 3; i++) semaphore.acquireSync();
    const peers = await Promise.all([world.start(kind, semaphore), world.start(kind, semaphore)]);
    const waits = [...peers.map((peer) => peer.run(([semaphore]) => semaphore.acquireSync())), semaphore.acquire()];
    for (let i = 0; i < 3; i++) semaphore.release();
    expect(await Promise.all(waits)).toEqual([true, true, true]);
    expect(semaphore.getValue()).toBe(0);
  });

  test("wakes as many as it is released by", async () => {
    const semaphore = await world[name](4);
    for (let i = 0; i < 4; i++) semaphore.acquireSync();
    const peer = await world.start(kind, semaphore);
    const theirs = peer.run(([s]) => Promise.all([s.acquire(), s.acquire()]));
    const ours = [semaphore.acquire(), semaphore.acquire()];
    semaphore.release(4);
    expect(await theirs).toEqual([true, true]);
    expect(await Promise.all(ours)).toEqual([true, true]);
    expect(semaphore.getValue()).toBe(0);
  });

  test("never lets more in than it has permits, and loses none", async () => {
    const semaphore = await world[name](2);
    const inside = world.SharedArray(2);
    const peers = await Promise.all([1, 2, 3].map(() => world.start(kind, semaphore, inside)));
    const work = peers.map((peer) =>
      peer.run(
        async ([semaphore, inside], rounds) => {
          for (let i = 0; i < rounds; i++) {
            if (i % 50) semaphore.acquireSync();
            else await semaphore.acquire();
            if (Atomics.add(inside.array, 0, 1) >= 2) Atomics.add(inside.array, 1, 1);
            Atomics.sub(inside.array, 0, 1);
            semaphore.release();
          }
        },
        scaled(world, 2000),
      ),
    );
    await Promise.all(work);
    expect([...inside.array]).toEqual([0, 0]);
    expect(semaphore.getValue()).toBe(2);
  });
}

function lawsOfBounds(world: World): void {
  // 52 _TestSemaphore.test_semaphore
  test("a plain semaphore may have more permits than at its start", async () => {
    const semaphore = await world.Semaphore(2);
    semaphore.release();
    expect(semaphore.getValue()).toBe(3);
    semaphore.release();
    expect(semaphore.getValue()).toBe(4);
    semaphore.release(3);
    expect(semaphore.getValue()).toBe(7);
  });

  // 53 _TestSemaphore.test_bounded_semaphore
  test.each(world.kinds)(
    "a bounded semaphore refuses a release too many, of a %s too, and nothing changes",
    async (kind) => {
      const semaphore = await world.BoundedSemaphore(2);
      expect(() => semaphore.release()).toThrow(code("ERR_SEMAPHORE_OVER_RELEASE"));
      semaphore.acquireSync();
      expect(() => semaphore.release(2)).toThrow(code("ERR_SEMAPHORE_OVER_RELEASE"));
      expect(semaphore.getValue()).toBe(1);
      const peer = await world.start(kind, semaphore);
      await peer.run(([semaphore]) => semaphore.release());
      await expect(peer.run(([semaphore]) => semaphore.release())).rejects.toThrow(code("ERR_SEMAPHORE_OVER_RELEASE"));
      expect(semaphore.getValue()).toBe(2);
    },
  );

  test("a semaphore holds no more than 2^30 permits", async () => {
    const semaphore = await world.Semaphore(MOST);
    expect(() => semaphore.release()).toThrow(code("ERR_SEMAPHORE_OVER_RELEASE"));
    expect(semaphore.getValue()).toBe(MOST);
  });
}
