/** What shared objects say of themselves: the text is the server's, a proxy by itself prints its type and number. */
import { inspect } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { original } from "../support/adapted.mjs";
import { worldOfManager } from "../support/world.js";

const world = worldOfManager();
const { manager } = world;
const text = async (proxy: object) => original(proxy).toText();

describe.each(world.kinds)("with a %s that holds it,", (kind) => {
  const label = kind === "process" ? /^process \d+$/ : /^process \d+, thread \d+$/;

  // 44 _TestLock.test_repr_lock
  test("a Lock says who that is", async () => {
    const lock = await world.Lock();
    expect(await text(lock)).toMatch(/^<Lock\(owner=None\)>$/);
    const peer = await world.start(kind, lock);
    await peer.run(([lock]) => lock.acquireSync());
    const [, owner] = /^<Lock\(owner=(.*)\)>$/.exec(await text(lock))!;
    expect(owner).toMatch(label);
    expect(await manager.clients()).toContain(owner);
    await peer.run(([lock]) => lock.release());
    expect(await text(lock)).toBe("<Lock(owner=None)>");
  });

  // 47 _TestLock.test_repr_rlock
  test("an RLock says who that is, and how deep", async () => {
    const lock = await world.RLock();
    expect(await text(lock)).toBe("<RLock(None, 0)>");
    const peer = await world.start(kind, lock);
    await peer.run(([lock]) => lock.acquireSync());
    await peer.run(([lock]) => lock.acquireSync());
    const [, owner, depth] = /^<RLock\((.*), (\d+)\)>$/.exec(await text(lock))!;
    expect([owner, depth]).toEqual([expect.stringMatching(label), "2"]);
    expect(await manager.clients()).toContain(owner);
  });
});

// 63 _TestEvent.test_repr
test("an Event says whether it is set", async () => {
  const event = await manager.Event();
  const unset = await event.toText();
  await event.set();
  const set = await event.toText();
  await event.clear();
  expect([unset, set, await event.toText()]).toEqual([
    expect.stringMatching(/^<Event.*unset.*>$/),
    expect.stringMatching(/^<Event(?!.*unset).*set.*>$/),
    unset,
  ]);
  expect(inspect(event)).toMatch(/^<EventProxy of Event \d+>$/);
});

test("semaphores, barriers, conditions and queues say how they are", async () => {
  const lock = await manager.Lock();
  const [semaphore, bounded, barrier] = [manager.Semaphore(2), manager.BoundedSemaphore(3), manager.Barrier(2)];
  expect(await (await semaphore).toText()).toBe("<Semaphore(value=2)>");
  expect((await bounded).sync.toText()).toBe("<BoundedSemaphore(value=3, maxvalue=3)>");
  expect(await (await barrier).toText()).toBe("<Barrier waiters=0/2>");
  await (await barrier).abort();
  expect((await barrier).sync.toText()).toBe("<Barrier broken>");
  expect(await (await manager.Condition(lock)).toText()).toBe("<Condition(<Lock(owner=None)>, 0)>");
  const queue = await manager.Queue(2);
  await queue.put(1);
  expect([await queue.toText(), await (await manager.Queue()).toText()]).toEqual([
    "<Queue(1/2 items)>",
    "<Queue(0 items)>",
  ]);
});
