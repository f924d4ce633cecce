/** Calls of one thread take effect in their order, whether they block or not. */
import { Manager, type SyncManager } from "@cordage/manager";
import { getContext, type StartMethod } from "@cordage/process";
import { endLeftOver } from "@cordage/test-support";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mixes } from "./fixtures/mixes.mjs";

let manager: SyncManager;
beforeAll(async () => {
  manager = await Manager();
});
afterAll(async () => {
  await manager.shutdown();
  await endLeftOver();
});

const inOrder = [...Array.from({ length: 50 }, (_, i) => i), "blocked", 50, true];
const objects = async () => [await manager.list(), await manager.dict({ big: "x".repeat(10_000) })] as const;

test("of one that is connected", async () => {
  const [list, d] = await objects();
  await mixes(list, d);
  expect(await list.getValue()).toEqual(inOrder);
});

/** More than any kernel takes at a time: the rest waits for an event loop, which is blocked. */
const LARGE = Buffer.alloc(12 * 1024 * 1024, "large");

describe.each([
  ["a path", {}],
  ["a port", { address: ["127.0.0.1", 0] as [string, number] }],
])("of one that has begun to send more than the kernel takes, to %s,", (_to, options) => {
  test("one large message", async () => {
    await using far = await Manager(options);
    const [d, list] = [await far.dict(), await far.list<unknown>()];
    const promised = [d.set("a", LARGE), list.push(1)];
    expect(LARGE.equals(d.sync.a as Buffer)).toBe(true);
    expect(list.sync.push(2)).toBe(2);
    promised.push(d.set("a", LARGE), list.push(3));
    expect(list.sync.length()).toBe(3);
    await Promise.all(promised);
    expect(await list.getValue()).toEqual([1, 2, 3]);
    expect(await list.push(4)).toBe(4);
  });

  test("many small ones", async () => {
    await using far = await Manager(options);
    const list = await far.list<number>();
    const pushed: Promise<number>[] = [];
    for (let n = 0; n < 20_000; n++) {
      if (n % 5_000 === 4_999) list.sync.push(n);
      else pushed.push(list.push(n));
    }
    expect(list.sync.length()).toBe(20_000);
    await Promise.all(pushed);
    expect((await list.getValue()).every((item, n) => item === n)).toBe(true);
  });
});

test.each<StartMethod>(["forkserver", "thread"])("of one (%s) that blocks before it is connected", async (method) => {
  const [list, d] = await objects();
  const child = new (getContext(method).Process)({ target: mixes, args: [list, d] });
  child.start();
  await child.join();
  expect(await list.getValue()).toEqual(inOrder);
});
