/** What every Event obeys. */
import { describe, expect, test } from "@jest/globals";
import type { World } from "./world.js";

export function eventLaws(world: World): void {
  // 62 _TestEvent.test_event
  test("an event waits while it is not set, and not once it is", async () => {
    const event = await world.Event();
    expect(event.isSet()).toBe(false);
    expect(await event.wait({ timeout: 0 })).toBe(false);
    const start = performance.now();
    expect(await event.wait({ timeout: 50 })).toBe(false);
    expect(event.waitSync({ timeout: 50 })).toBe(false);
    expect(performance.now() - start).toBeGreaterThanOrEqual(98);
    expect(event.set()).toBeUndefined();
    event.set();
    expect(event.isSet()).toBe(true);
    expect(await event.wait()).toBe(true);
    expect(event.waitSync()).toBe(true);
    expect(await event.wait({ timeout: 0 })).toBe(true);
    event.clear();
    expect(event.isSet()).toBe(false);
    expect(event.waitSync({ timeout: 0 })).toBe(false);
  });

  test("a wait for an event can be cancelled", async () => {
    const abort = new AbortController();
    const cancelled = (await world.Event()).wait({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(cancelled).rejects.toThrow("enough");
  });

  describe.each(world.kinds)("an event and a %s", (kind) => {
    lawsOfSharing(world, kind);
  });
}

function lawsOfSharing(world: World, kind: string): void {
  // 62 _TestEvent.test_event
  test("releases whoever waits when the other sets it", async () => {
    const event = await world.Event();
    const peer = await world.start(kind, event);
    const waiting = event.wait();
    await peer.run(([event]) => event.set());
    expect(await waiting).toBe(true);
    event.clear();
    const late = peer.run(([event]) => void setTimeout(() => event.set(), 20));
    expect(event.waitSync()).toBe(true);
    await late;
  });

  test("releases all, in either form", async () => {
    const event = await world.Event();
    const peers = await Promise.all([1, 2, 3].map(() => world.start(kind, event)));
    const blocked = peers.map((peer) => peer.run(([event]) => event.waitSync()));
    const pending = Array.from({ length: 200 }, () => event.wait());
    event.set();
    expect(await Promise.all(blocked)).toEqual([true, true, true]);
    expect(new Set(await Promise.all(pending))).toEqual(new Set([true]));
  });

  test("releases who waited even if it is cleared at once", async () => {
    const event = await world.Event();
    const peer = await world.start(kind, event);
    for (let i = 0; i < 20; i++) {
      const theirs = peer.run(([event]) => {
        const both = [event.wait(), event.wait({ timeout: 60_000 })];
        process.nextTick(() => event.set());
        process.nextTick(() => event.clear());
        return Promise.all(both);
      });
      expect(await theirs).toEqual([true, true]);
      const ours = event.wait();
      expect(event.isSet()).toBe(false); // asked after the wait: it waits by now, wherever the event lives
      await peer.run(([event]) => [event.set(), event.clear()]);
      expect(await ours).toBe(true);
      expect(event.isSet()).toBe(false);
    }
  });

  test("is set for the others though one of them died waiting", async () => {
    const event = await world.Event();
    const [dying, living] = await Promise.all([world.start(kind, event), world.start(kind, event)]);
    void dying.run(([event]) => event.wait());
    await dying.run(() => {}); // it is waiting by now
    const blocked = living.run(([event]) => event.waitSync());
    await dying.kill();
    event.set();
    expect(await blocked).toBe(true);
  });
}
