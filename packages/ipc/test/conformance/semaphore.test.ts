import { inspect } from "node:util";
import { BoundedSemaphore, Semaphore } from "@cordage/ipc";
import { peerKinds, semaphoreLaws } from "@cordage/test-support/laws";
import { describe, expect, test } from "@jest/globals";
import { startPeer } from "../support/peer.js";
import { world } from "../support/world.js";

semaphoreLaws(world);

describe.each([Semaphore, BoundedSemaphore])("%p", (Cls) => {
  test.each(peerKinds)("keeps the permit of a %s that died, and serves the others", async (kind) => {
    const semaphore = new Cls(2);
    const [holder, waiter] = await Promise.all([startPeer(kind, semaphore), startPeer(kind, semaphore)]);
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

test("semaphores print their values", () => {
  expect(inspect(new Semaphore(2))).toBe("<Semaphore(value=2)>");
  expect(`${new BoundedSemaphore(3)}`).toBe("<BoundedSemaphore(value=3, maxvalue=3)>");
});
