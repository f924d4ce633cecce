/** Calls of one thread take effect in their order, whether they block or not. */
import { Manager, type SyncManager } from "@cordage/manager";
import { getContext, type StartMethod } from "@cordage/process";
import { endLeftOver } from "@cordage/test-support";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
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

test.each<StartMethod>(["forkserver", "thread"])("of one (%s) that blocks before it is connected", async (method) => {
  const [list, d] = await objects();
  const child = new (getContext(method).Process)({ target: mixes, args: [list, d] });
  child.start();
  await child.join();
  expect(await list.getValue()).toEqual(inOrder);
});
