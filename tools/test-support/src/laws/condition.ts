/** What every Condition obeys, over a Lock as over an RLock. */
import { describe, expect, test } from "@jest/globals";
import { until } from "../until.js";
import { code, made } from "./expectations.js";
import type { ConditionLike, LockLike, SemaphoreLike } from "./objects.js";
import type { PeerLike } from "./peers.js";
import type { World } from "./world.js";

type Name = "Lock" | "RLock";
/** A condition, and a semaphore that everybody releases who has waited for it. */
type Shared = [ConditionLike, SemaphoreLike];

export function conditionLaws(world: World): void {
  describe.each<Name>(["Lock", "RLock"])("a condition over a %s", (name) => {
    lawsOfNotifying(world, name);
    lawsOfRules(world, name);
    describe.each(world.kinds)("shared with a %s", (kind) => {
      lawsOfPredicates(world, name, kind);
      lawsOfWaiting(world, name, kind);
    });
  });
  describe.each(world.kinds)("conditions shared with a %s", (kind) => {
    lawsOfTheLock(world, kind);
  });
  lawOfInterrupts(world);
}

const conditionOver = async (world: World, name: Name) => world.Condition(await world[name]());
const sharedOver = async (world: World, name: Name): Promise<Shared> => [
  await conditionOver(world, name),
  await world.Semaphore(0),
];

function waitThere(peer: PeerLike<Shared>, timeout?: number): Promise<boolean> {
  return peer.run(([condition, woken], timeout) => {
    condition.acquireSync();
    const notified = condition.waitSync({ timeout });
    woken.release();
    condition.release();
    return notified;
  }, timeout);
}

async function waitHere([condition, woken]: Shared, timeout?: number): Promise<boolean> {
  await condition.acquire();
  const notified = await condition.wait({ timeout });
  woken.release();
  condition.release();
  return notified;
}

/** Never the blocking form here: an async function of this very thread may be the one that holds a Lock. */
async function locked<T>(condition: ConditionLike, fn: () => T): Promise<Awaited<T>> {
  using _held = await condition.hold();
  return await fn();
}

function notifyFrom(peer: PeerLike<[ConditionLike, ...object[]]>, how: "notify" | "notifyAll"): Promise<void> {
  return peer.run(async ([condition], how) => {
    await condition.acquire();
    condition[how]();
    condition.release();
  }, how);
}

/** Tells whether it has come to its end, which a busy machine may reach before the notifications that it should outlast. */
function settled(promise: Promise<unknown>): () => boolean {
  let over = false;
  const end = () => {
    over = true;
  };
  promise.then(end, end);
  return () => over;
}

function lawsOfNotifying(world: World, name: Name): void {
  const { kinds } = world;

  // 55 _TestCondition.test_notify
  test("lets one go for each notify, whether it waits here or in a peer of any kind", async () => {
    const shared = await sharedOver(world, name);
    const [condition, woken] = shared;
    const peers = await Promise.all(kinds.map((kind) => world.start(kind, ...shared)));
    const waits = [...peers.map((peer) => waitThere(peer)), waitHere(shared)];
    await until(() => world.waiting(condition) === waits.length);
    expect(woken.getValue()).toBe(0);
    for (let left = waits.length; left > 0; left--) {
      await locked(condition, () => condition.notify());
      expect(await woken.acquire()).toBe(true);
      expect(world.waiting(condition)).toBe(left - 1);
      expect(woken.getValue()).toBe(0);
    }
    expect(new Set(await Promise.all(waits))).toEqual(new Set([true]));
    await locked(condition, () => condition.notify()); // nobody there: not kept for whoever comes next
    expect(await waitHere(shared, 10)).toBe(false);
  });

  // 56 _TestCondition.test_notify_all, 58 test_timeout
  test("lets all go for one notifyAll, and those who timed out leave no trace", async () => {
    const shared = await sharedOver(world, name);
    const [condition] = shared;
    const peers = await Promise.all([...kinds, ...kinds].map((kind) => world.start(kind, ...shared)));
    expect(await Promise.all([...peers.map((peer) => waitThere(peer, 50)), waitHere(shared, 50)])).not.toContain(true);
    expect(world.waiting(condition)).toBe(0);
    const waits = [...peers.map((peer) => waitThere(peer)), waitHere(shared)];
    await until(() => world.waiting(condition) === peers.length + 1);
    waits.push(waitHere(shared));
    await until(() => world.waiting(condition) === peers.length + 2);
    await locked(condition, () => condition.notifyAll());
    expect(new Set(await Promise.all(waits))).toEqual(new Set([true]));
    expect(world.waiting(condition)).toBe(0);
  });

  // 57 _TestCondition.test_notify_n
  test("lets as many go as it is told, those first that waited longest", async () => {
    const shared = await sharedOver(world, name);
    const [condition] = shared;
    const order: number[] = [];
    const waits: Promise<unknown>[] = [];
    for (let i = 0; i < 4; i++) {
      waits.push(waitHere(shared).then(() => order.push(i)));
      await until(() => world.waiting(condition) === i + 1);
    }
    await locked(condition, () => condition.notify(2));
    await Promise.all(waits.slice(0, 2));
    expect(order.sort()).toEqual([0, 1]);
    expect(world.waiting(condition)).toBe(2);
    await locked(condition, () => condition.notify(4));
    await Promise.all(waits);
    await locked(condition, () => condition.notify(3));
    expect(world.waiting(condition)).toBe(0);
  });

  const tooLate = name === "RLock" && world.wakesAtOnce === true; // nothing is left to be cancelled
  (tooLate ? test.skip : test)("hands a notification on that came to one who is cancelled", async () => {
    const condition = await conditionOver(world, name);
    const abort = new AbortController();
    await condition.acquire();
    const cancelled = condition.wait({ signal: abort.signal });
    await condition.acquire();
    const other = condition.wait();
    await condition.acquire();
    condition.notify();
    abort.abort(new Error("enough"));
    condition.release();
    await expect(cancelled).rejects.toThrow("enough");
    expect(condition.locked()).toBe(true); // a wait that fails has taken the lock back
    condition.release();
    expect(await other).toBe(true);
    condition.release();
    expect(condition.locked()).toBe(false);
  });
}

function lawsOfRules(world: World, name: Name): void {
  test("is not waited for or notified by who does not hold its lock", async () => {
    const condition = await conditionOver(world, name);
    const refused = code("ERR_CONDITION_NOT_HELD");
    await expect(condition.wait()).rejects.toThrow(refused);
    await expect(condition.waitFor(() => true)).rejects.toThrow(refused);
    expect(() => condition.waitSync()).toThrow(refused);
    expect(() => condition.notify()).toThrow(refused);
    expect(() => condition.notifyAll()).toThrow(refused);
    expect(() => condition.release()).toThrow(/nobody holds it/);
  });

  test("refuses what is no lock", async () => {
    const semaphore = await world.Semaphore();
    await expect(made(() => world.Condition(semaphore))).rejects.toThrow(code("ERR_INVALID_ARG_TYPE"));
  });
}

function lawsOfPredicates(world: World, name: Name, kind: string): void {
  // 59 _TestCondition.test_waitfor
  test("waits until a predicate holds, on both sides", async () => {
    const condition = await conditionOver(world, name);
    const value = world.SharedArray(1);
    value.array[0] = -1;
    const peer = await world.start(kind, condition, value);
    const theirs = peer.run(([condition, value]) => {
      condition.acquireSync();
      value.array[0] = 0;
      condition.notify();
      const reached = condition.waitForSync(() => value.array[0] === 4);
      condition.release();
      return reached;
    });
    await condition.acquire();
    expect(await condition.waitFor(() => value.array[0] === 0)).toBe(true);
    condition.release();
    for (let i = 0; i < 4; i++) {
      await condition.acquire();
      Atomics.add(value.array, 0, 1);
      condition.notify();
      condition.release();
    }
    expect(await theirs).toBe(true);
  });

  // 60 _TestCondition.test_waitfor_timeout
  test("counts the timeout of a predicate from its beginning, whatever notifies come between", async () => {
    const condition = await conditionOver(world, name);
    const peer = await world.start(kind, condition);
    const theirs = peer.run(([condition]) => {
      condition.acquireSync();
      const start = performance.now();
      const reached = condition.waitForSync(() => 0, { timeout: 100 });
      condition.release();
      return [reached, performance.now() - start] as const;
    });
    const ended = settled(theirs);
    for (let i = 0; i < 3; i++) {
      await until(() => ended() || world.waiting(condition) > 0);
      await locked(condition, () => condition.notifyAll());
    }
    const [reached, took] = await theirs;
    expect(reached).toBe(0);
    expect(took).toBeGreaterThanOrEqual(99);
  });

  // 61 _TestCondition.test_wait_result
  test("gives a predicate up in the promise form too", async () => {
    const condition = await conditionOver(world, name);
    const peer = await world.start(kind, condition);
    let looked = 0;
    const ours = locked(condition, () => condition.waitFor(() => ++looked < 0, { timeout: 100 }));
    const ended = settled(ours);
    for (let i = 0; i < 3; i++) {
      await until(() => ended() || world.waiting(condition) > 0);
      await notifyFrom(peer, "notifyAll");
    }
    expect(await ours).toBe(false);
    expect(looked).toBeGreaterThan(1);
  });
}

function lawsOfWaiting(world: World, name: Name, kind: string): void {
  test("says whether it was notified", async () => {
    const shared = await sharedOver(world, name);
    const [condition] = shared;
    const peer = await world.start(kind, ...shared);
    expect(await waitHere(shared, 0)).toBe(false);
    expect(await waitHere(shared, 20)).toBe(false);
    expect(await locked(condition, () => condition.waitSync({ timeout: 20 }))).toBe(false);
    const notified = waitHere(shared, 60_000);
    await until(() => world.waiting(condition) === 1); // or the peer may have the lock first
    await notifyFrom(peer, "notify");
    expect(await notified).toBe(true);
  });

  test("passes over one who died waiting: the notification reaches a living one", async () => {
    const shared = await sharedOver(world, name);
    const [condition] = shared;
    const dying = await Promise.all([world.start(kind, ...shared), world.start(kind, ...shared)]);
    void waitThere(dying[0]!);
    await until(() => world.waiting(condition) === 1);
    void dying[1]!.run(async ([condition]) => (await condition.acquire()) && condition.wait());
    await until(() => world.waiting(condition) === 2);
    const living = waitHere(shared);
    await until(() => world.waiting(condition) === 3);
    const later = waitHere(shared);
    await until(() => world.waiting(condition) === 4);
    await Promise.all(dying.map((peer) => peer.kill()));
    await locked(condition, () => condition.notify());
    expect(await living).toBe(true);
    expect(world.waiting(condition)).toBe(1);
    await locked(condition, () => condition.notify());
    expect(await later).toBe(true);
  });
}

function lawsOfTheLock(world: World, kind: string): void {
  test("a wait gives an RLock up entirely and takes it back as deep", async () => {
    const lock = await world.RLock();
    const condition = await world.Condition(lock);
    const peer = await world.start(kind, condition);
    for (let i = 0; i < 3; i++) lock.acquireSync();
    const notified = condition.wait();
    await notifyFrom(peer, "notify");
    expect(await notified).toBe(true);
    expect(depthOf(lock)).toBe(3);
  });

  test("two over one lock keep sharing it where they arrive", async () => {
    const lock: LockLike = await world.Lock();
    const [full, empty] = [await world.Condition(lock), await world.Condition(lock)];
    const peer = await world.start(kind, full, empty);
    await peer.run(([full]) => full.acquire());
    expect([full.locked(), empty.locked(), lock.locked(), empty.tryAcquire()]).toEqual([true, true, true, false]);
    await peer.run(([, empty]) => empty.release());
    expect(lock.locked()).toBe(false);
  });
}

/** How often it must be released; then it is free. */
function depthOf(lock: LockLike): number {
  let depth = 0;
  for (; lock.locked(); depth++) lock.release();
  return depth;
}

function lawOfInterrupts(world: World): void {
  // 61 _TestCondition.test_wait_result, its SIGINT part
  test("a SIGINT ends a pending wait, by the signal that its handler aborts", async () => {
    const condition = await world.Condition();
    const peer = await world.start("process", condition);
    const interrupted = peer.run(async ([condition]) => {
      const interrupt = new AbortController();
      process.once("SIGINT", () => interrupt.abort(new Error("KeyboardInterrupt")));
      await condition.acquire();
      const wait = condition.wait({ timeout: 60_000, signal: interrupt.signal });
      const reason = await wait.catch(({ message }) => message);
      condition.release();
      return reason;
    });
    await until(() => world.waiting(condition) === 1);
    process.kill(peer.pid!, "SIGINT");
    expect(await interrupted).toBe("KeyboardInterrupt");
    expect([condition.locked(), world.waiting(condition)]).toEqual([false, 0]);
  });
}
