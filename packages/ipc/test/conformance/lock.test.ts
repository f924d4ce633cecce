import { Lock, RLock } from "@cordage/ipc";
import { expect, test } from "@jest/globals";

test("a lock is held by one and says so", () => {
  const lock = new Lock();
  expect(lock.tryAcquire()).toBe(true);
  expect(lock.locked()).toBe(true);
  expect(lock.tryAcquire()).toBe(false);
  lock.release();
  expect(lock.locked()).toBe(false);
});

test("releasing a lock that nobody holds is an error with a code", () => {
  expect(() => new Lock().release()).toThrow(expect.objectContaining({ code: "ERR_LOCK_NOT_HELD" }));
});

test("an RLock is free after as many releases as acquisitions", async () => {
  const lock = new RLock();
  await lock.acquire();
  lock.acquireSync();
  lock.release();
  expect(lock.locked()).toBe(true);
  lock.release();
  expect(lock.locked()).toBe(false);
  expect(() => lock.release()).toThrow(expect.objectContaining({ code: "ERR_LOCK_NOT_OWNED" }));
});
