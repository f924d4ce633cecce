/** How long shared objects live. */
import { decode, encode } from "@cordage/ipc/sys";
import { type ListProxy, SyncManager } from "@cordage/manager";
import { programsIn, untilCollected } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { startedManager } from "./support/managers.js";

const { reports } = programsIn(new URL("./fixtures/", import.meta.url));
const manager = startedManager(new SyncManager());

const objects = () => manager.numberOfObjects();

test("an object lives as long as a proxy does, and goes with the last one", async () => {
  await (async () => {
    const l = await manager.list([1]);
    expect(await objects()).toBe(1);
    await l.push(2);
  })();
  expect(await untilCollected(async () => (await objects()) === 0)).toBe(true);
});

test("an object in another one lives as long as that, and is the same one when it comes out", async () => {
  const d = await manager.dict<any>();
  await (async () => {
    await d.set("inner", await manager.list([1]));
  })();
  await untilCollected(async () => (await objects()) === 1);
  const inner: ListProxy<number> = await d.get("inner");
  await inner.push(2);
  expect(await (await d.get("inner")).getValue()).toEqual([1, 2]);
  expect(await d.get("inner")).toBe(inner);
  expect(await objects()).toBe(2);
});

test("objects that hold each other go when nobody holds any of them", async () => {
  await untilCollected(async () => (await objects()) === 0);
  await (async () => {
    const [a, b] = [await manager.list<any>(), await manager.list<any>()];
    await a.push(b, a);
    await b.push(a);
  })();
  expect(await untilCollected(async () => (await objects()) === 0)).toBe(true);
});

test("a proxy under way keeps its object", async () => {
  const bytes = await (async () => encode(await manager.list(["under way"])))();
  for (let i = 0; i < 3; i++) await untilCollected(async () => true);
  const arrived = decode(bytes) as ListProxy<string>;
  expect(await arrived.getValue()).toEqual(["under way"]);
});

test("a call of an object that is gone says so", async () => {
  const bytes = encode(await manager.list());
  decode(bytes);
  const stale = await (async () => Buffer.from(bytes))();
  await untilCollected(async () => (await objects()) === 0);
  const proxy = decode(stale) as ListProxy;
  await expect(proxy.length()).rejects.toMatchObject({ code: "ERR_REFERENT_GONE" });
  expect(() => proxy.sync.length()).toThrow(expect.objectContaining({ code: "ERR_REFERENT_GONE" }));
  const d = await manager.dict();
  await expect(d.set("gone", proxy)).rejects.toMatchObject({ code: "ERR_REFERENT_GONE" });
  expect(await d.size()).toBe(0);
});

const flags = { flags: ["--expose-gc"] };
describe.each(["spawn", "forkserver", "fork", "thread"])("a child by %s", (method) => {
  test.each(["use", "keep"])("that was given a proxy (%s) has the object for as long as it lives", async (use) => {
    const items = use === "use" ? [1, "child"] : [1];
    expect(await reports("hold-proxy.mjs", method, { args: ["holds", use, "end"], ...flags })).toEqual([items, 1]);
  });
});

describe.each(["spawn", "forkserver", "fork"])("a process by %s", (method) => {
  test.each(["use", "keep"])("that is killed holds nothing any more (%s)", async (use) => {
    expect(await reports("hold-proxy.mjs", method, { args: ["holds", use, "kill"], ...flags })).toEqual([1]);
  });
});

test.each(["spawn", "forkserver"])("who only passes a proxy on (%s) keeps it until it has arrived", async (method) => {
  expect(await reports("hold-proxy.mjs", method, { args: ["forwards", "keep", "end"], ...flags })).toEqual([[1], 1]);
});
