import { Condition, Lock, RLock, Semaphore, SharedValue } from "@cordage/ipc";
import { until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { Peer, peerKinds } from "../support/peer.js";

const code = (code: string) => expect.objectContaining({ code });
const waiting = (condition: Condition) => Number(/(\d+)\)>$/.exec(String(condition))![1]);
// Never the blocking form here: an async function of this very thread may be the one that holds a Lock.
const locked = async <T>(condition: Condition, fn: () => T): Promise<Awaited<T>> => {
  using _held = await condition.hold();
  return await fn();
};
/** Tells whether it has come to its end, which a busy machine may reach before the notifications that it should outlast. */
const settled = (promise: Promise<unknown>): (() => boolean) => {
  let over = false;
  const end = () => {
    over = true;
  };
  promise.then(end, end);
  return () => over;
};

type Shared = [Condition, Semaphore];
const wait = (peer: Peer<Shared>, timeout?: number) =>
  peer.run(([condition, woken], timeout) => {
    condition.acquireSync();
    const notified = condition.waitSync({ timeout });
    woken.release();
    condition.release();
    return notified;
  }, timeout);
const waitHere = async ([condition, woken]: Shared, timeout?: number) => {
  await condition.acquire();
  const notified = await condition.wait({ timeout });
  woken.release();
  condition.release();
  return notified;
};

describe.each([Lock, RLock])("a condition over a %p", (Cls) => {
  const create = (): Shared => [new Condition(new Cls()), new Semaphore(0)];

  // 55 _TestCondition.test_notify
  test("lets one go for each notify, whether it waits here, in a process or in a thread", async () => {
    const shared = create();
    const [condition, woken] = shared;
    const peers = await Promise.all(peerKinds.map((kind) => Peer.start(kind, ...shared)));
    const waits = [...peers.map((peer) => wait(peer)), waitHere(shared)];
    await until(() => waiting(condition) === 3);
    expect(woken.getValue()).toBe(0);
    for (let left = 3; left > 0; left--) {
      await locked(condition, () => condition.notify());
      expect(await woken.acquire()).toBe(true);
      expect(waiting(condition)).toBe(left - 1);
      expect(woken.getValue()).toBe(0);
    }
    expect(await Promise.all(waits)).toEqual([true, true, true]);
    await locked(condition, () => condition.notify()); // nobody there: not kept for whoever comes next
    expect(await waitHere(shared, 10)).toBe(false);
  });

  // 56 _TestCondition.test_notify_all, 58 test_timeout
  test("lets all go for one notifyAll, and those who timed out leave no trace", async () => {
    const shared = create();
    const [condition] = shared;
    const peers = await Promise.all([...peerKinds, ...peerKinds].map((kind) => Peer.start(kind, ...shared)));
    expect(await Promise.all([...peers.map((peer) => wait(peer, 50)), waitHere(shared, 50)])).not.toContain(true);
    expect(waiting(condition)).toBe(0);
    const waits = [...peers.map((peer) => wait(peer)), waitHere(shared)];
    await until(() => waiting(condition) === 5);
    waits.push(waitHere(shared));
    await until(() => waiting(condition) === 6);
    await locked(condition, () => condition.notifyAll());
    expect(new Set(await Promise.all(waits))).toEqual(new Set([true]));
    expect(waiting(condition)).toBe(0);
  });

  // 57 _TestCondition.test_notify_n
  test("lets as many go as it is told, those first that waited longest", async () => {
    const shared = create();
    const [condition] = shared;
    const order: number[] = [];
    const waits: Promise<unknown>[] = [];
    for (let i = 0; i < 4; i++) {
      waits.push(waitHere(shared).then(() => order.push(i)));
      await until(() => waiting(condition) === i + 1);
    }
    await locked(condition, () => condition.notify(2));
    await Promise.all(waits.slice(0, 2));
    expect(order.sort()).toEqual([0, 1]);
    expect(waiting(condition)).toBe(2);
    await locked(condition, () => condition.notify(4));
    await Promise.all(waits);
    await locked(condition, () => condition.notify(3));
    expect(waiting(condition)).toBe(0);
  });

  test("is not waited for or notified by who does not hold its lock", async () => {
    const [condition] = create();
    const refused = code("ERR_CONDITION_NOT_HELD");
    await expect(condition.wait()).rejects.toThrow(refused);
    await expect(condition.waitFor(() => true)).rejects.toThrow(refused);
    expect(() => condition.waitSync()).toThrow(refused);
    expect(() => condition.notify()).toThrow(refused);
    expect(() => condition.notifyAll()).toThrow(refused);
    expect(() => condition.release()).toThrow(/nobody holds it/);
  });

  test("hands a notification on that came to one who is cancelled", async () => {
    const shared = create();
    const [condition] = shared;
    const abort = new AbortController();
    await condition.acquire();
    const cancelled = condition.wait({ signal: abort.signal });
    await condition.acquire();
    const other = condition.wait();
    await condition.acquire();
    condition.notify();
    abort.abort(new Error("enough"));
    condition.release();
    const outcome = expect(cancelled).rejects.toThrow("enough");
    await outcome;
    expect(condition.locked()).toBe(true); // a wait that fails has taken the lock back
    condition.release();
    expect(await other).toBe(true);
    condition.release();
    expect(condition.locked()).toBe(false);
  });

  test("is waited for by as many as have room, and tells the one too many", async () => {
    const lock = new Cls();
    const words = new Int32Array(new SharedArrayBuffer(4 * (2 + 3 * 2)));
    const condition = new Condition(lock, { words });
    const waits: Promise<void>[] = [];
    for (let i = 0; i < 2; i++) {
      await condition.acquire();
      waits.push(condition.wait().then(() => condition.release()));
    }
    await condition.acquire();
    await expect(condition.wait()).rejects.toThrow(code("ERR_CONDITION_FULL"));
    expect(condition.locked()).toBe(true);
    condition.notifyAll();
    condition.release();
    await Promise.all(waits);
    expect(waiting(condition)).toBe(0);
  });

  describe.each(peerKinds)("shared with a %s", (kind) => {
    // 59 _TestCondition.test_waitfor
    test("waits until a predicate holds, on both sides", async () => {
      const [condition] = create();
      const value = new SharedValue("int32", -1, { lock: false });
      const peer = await Peer.start(kind, condition, value);
      const theirs = peer.run(([condition, value]) => {
        condition.acquireSync();
        value.value = 0;
        condition.notify();
        const reached = condition.waitForSync(() => value.value === 4);
        condition.release();
        return reached;
      });
      await condition.acquire();
      expect(await condition.waitFor(() => value.value === 0)).toBe(true);
      condition.release();
      for (let i = 0; i < 4; i++) {
        await condition.acquire();
        value.add(1);
        condition.notify();
        condition.release();
      }
      expect(await theirs).toBe(true);
    });

    // 60 _TestCondition.test_waitfor_timeout
    test("counts the timeout of a predicate from its beginning, whatever notifies come between", async () => {
      const [condition] = create();
      const peer = await Peer.start(kind, condition);
      const theirs = peer.run(([condition]) => {
        condition.acquireSync();
        const start = performance.now();
        const reached = condition.waitForSync(() => 0, { timeout: 100 });
        condition.release();
        return [reached, performance.now() - start] as const;
      });
      const ended = settled(theirs);
      for (let i = 0; i < 3; i++) {
        await until(() => ended() || waiting(condition) > 0);
        await locked(condition, () => condition.notifyAll());
      }
      const [reached, took] = await theirs;
      expect(reached).toBe(0);
      expect(took).toBeGreaterThanOrEqual(99);
    });

    // 61 _TestCondition.test_wait_result
    test("gives a predicate up in the promise form too", async () => {
      const [condition] = create();
      const peer = await Peer.start(kind, condition);
      let looked = 0;
      const ours = locked(condition, () => condition.waitFor(() => ++looked < 0, { timeout: 100 }));
      const ended = settled(ours);
      for (let i = 0; i < 3; i++) {
        await until(() => ended() || waiting(condition) > 0);
        await peer.run(([condition]) => condition.acquire());
        await peer.run(([condition]) => [condition.notifyAll(), condition.release()]);
      }
      expect(await ours).toBe(false);
      expect(looked).toBeGreaterThan(1);
    });

    test("says whether it was notified", async () => {
      const shared = create();
      const [condition] = shared;
      const peer = await Peer.start(kind, ...shared);
      expect(await waitHere(shared, 0)).toBe(false);
      expect(await waitHere(shared, 20)).toBe(false);
      expect(await locked(condition, () => condition.waitSync({ timeout: 20 }))).toBe(false);
      const notified = waitHere(shared, 60_000);
      await peer.run(([condition]) => condition.acquire());
      await peer.run(([condition]) => [condition.notify(), condition.release()]);
      expect(await notified).toBe(true);
    });

    test("passes over one who died waiting: the notification reaches a living one", async () => {
      const shared = create();
      const [condition] = shared;
      const dying = await Promise.all([Peer.start(kind, ...shared), Peer.start(kind, ...shared)]);
      void wait(dying[0]!);
      await until(() => waiting(condition) === 1);
      void dying[1]!.run(async ([condition]) => (await condition.acquire()) && condition.wait());
      await until(() => waiting(condition) === 2);
      const living = waitHere(shared);
      await until(() => waiting(condition) === 3);
      const later = waitHere(shared);
      await until(() => waiting(condition) === 4);
      await Promise.all(dying.map((peer) => peer.kill()));
      await locked(condition, () => condition.notify());
      expect(await living).toBe(true);
      expect(waiting(condition)).toBe(1);
      await locked(condition, () => condition.notify());
      expect(await later).toBe(true);
    });

    test("tells exactly one that its lock's holder died, and that one holds the lock", async () => {
      const shared = create();
      const [condition, woken] = shared;
      const [holder, other] = await Promise.all([Peer.start(kind, ...shared), Peer.start("process", ...shared)]);
      const theirs = wait(other).catch((error) =>
        other.run(([condition]) => condition.release()).then(() => error.code),
      );
      const ours = waitHere(shared).catch((error) => {
        condition.release();
        return error.code;
      });
      await until(() => waiting(condition) === 2);
      await holder.run(([condition]) => [condition.acquireSync(), condition.notifyAll()]);
      await holder.kill();
      expect((await Promise.all([theirs, ours])).sort()).toEqual(["ERR_OWNER_DIED", true]);
      expect(condition.locked()).toBe(false);
      expect(woken.getValue()).toBe(1);
    });
  });
});

// 61 _TestCondition.test_wait_result, its SIGINT part
test("a SIGINT ends a pending wait, by the signal that its handler aborts", async () => {
  const condition = new Condition();
  const peer = await Peer.start("process", condition);
  const interrupted = peer.run(async ([condition]) => {
    const interrupt = new AbortController();
    process.once("SIGINT", () => interrupt.abort(new Error("KeyboardInterrupt")));
    await condition.acquire();
    const reason = await condition.wait({ timeout: 60_000, signal: interrupt.signal }).catch(({ message }) => message);
    condition.release();
    return [reason, String(condition)];
  });
  await until(() => waiting(condition) === 1);
  process.kill(peer.pid!, "SIGINT");
  expect(await interrupted).toEqual(["KeyboardInterrupt", "<Condition(<RLock(None, 0)>, 0)>"]);
});

test("a wait gives an RLock up entirely and takes it back as deep", async () => {
  const lock = new RLock();
  const condition = new Condition(lock);
  const peer = await Peer.start("process", condition);
  for (let i = 0; i < 3; i++) lock.acquireSync();
  const notified = condition.wait();
  await peer.run(([condition]) => condition.acquire());
  await peer.run(([condition]) => [condition.notify(), condition.release()]);
  expect(await notified).toBe(true);
  expect(String(lock)).toBe("<RLock(MainProcess, 3)>");
});

test("two conditions over one lock keep sharing it where they arrive", async () => {
  const lock = new Lock();
  const [full, empty] = [new Condition(lock), new Condition(lock)];
  const peer = await Peer.start("process", full, empty);
  await peer.run(([full]) => full.acquire());
  expect([full.locked(), empty.locked(), lock.locked(), empty.tryAcquire()]).toEqual([true, true, true, false]);
  await peer.run(([, empty]) => empty.release());
  expect(lock.locked()).toBe(false);
});

test("a condition refuses what is no lock", () => {
  expect(() => new Condition(new Semaphore() as unknown as Lock)).toThrow(code("ERR_INVALID_ARG_TYPE"));
});
