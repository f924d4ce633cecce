import { inspect } from "node:util";
import { Condition, Lock, RLock } from "@cordage/ipc";
import { until } from "@cordage/test-support";
import { conditionLaws, peerKinds } from "@cordage/test-support/laws";
import { describe, expect, test } from "@jest/globals";
import { startPeer } from "../support/peer.js";
import { waiting, world } from "../support/world.js";

const code = (code: string) => expect.objectContaining({ code });

conditionLaws(world);

describe.each([Lock, RLock])("a condition over a %p", (Cls) => {
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

  test.each(peerKinds)("tells exactly one that a %s died with its lock, and that one holds the lock", async (kind) => {
    const condition = new Condition(new Cls());
    const [holder, other] = await Promise.all([startPeer(kind, condition), startPeer("process", condition)]);
    const theirs = other.run(([condition]) => {
      condition.acquireSync();
      try {
        return condition.waitSync();
      } catch (error: any) {
        return error.code;
      } finally {
        condition.release();
      }
    });
    const ours = condition.acquire().then(() =>
      condition
        .wait()
        .catch((error) => error.code)
        .finally(() => condition.release()),
    );
    await until(() => waiting(condition) === 2);
    await holder.run(([condition]) => [condition.acquireSync(), condition.notifyAll()]);
    await holder.kill();
    expect((await Promise.all([theirs, ours])).sort()).toEqual(["ERR_OWNER_DIED", true]);
    expect(condition.locked()).toBe(false);
  });
});

test("a condition prints its lock, and how many wait", async () => {
  const condition = new Condition();
  expect(inspect(condition)).toBe("<Condition(<RLock(None, 0)>, 0)>");
  condition.acquireSync();
  const wait = condition.wait();
  expect(`${condition}`).toBe("<Condition(<RLock(None, 0)>, 1)>");
  condition.acquireSync();
  expect(String(condition)).toBe("<Condition(<RLock(MainProcess, 1)>, 1)>");
  condition.notify();
  condition.release();
  expect(await wait).toBe(true);
  expect(String(condition)).toBe("<Condition(<RLock(MainProcess, 1)>, 0)>");
});
