/** Clients on other hosts: connections that break, or are slow; many clients. */
import { readFileSync } from "node:fs";
import { decode, encode } from "@cordage/ipc/sys";
import { type ManagerOptions, SyncManager } from "@cordage/manager";
import { endLeftOver, until } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { BadNetwork } from "../support/bad-network.js";
import {
  ADOPT,
  AFTER,
  addressed,
  BLOCKING,
  CALLS,
  FORWARD,
  INHERIT,
  LEND_ALL,
  RawClient,
} from "../support/raw-client.js";

const authkey = "the key";
afterAll(endLeftOver);

interface Far {
  server: SyncManager;
  network: BadNetwork;
  client: SyncManager;
}

/** A server, and a client that reaches it over a bad network. */
async function far(options: ManagerOptions, work: (far: Far) => Promise<void>): Promise<void> {
  await using server = new SyncManager({ address: ["127.0.0.1", 0], authkey, ...options });
  const serving = server.getServer();
  void serving.serveForever();
  await serving.listen();
  const network = await BadNetwork.before(serving.address as [string, number]);
  const client = new SyncManager({ address: network.address, authkey });
  await client.connect();
  try {
    await work({ server, network, client });
  } finally {
    await client.shutdown();
    network.close();
    await serving.close();
  }
}

async function identOf(client: SyncManager, typeid: string): Promise<number> {
  return Number(new RegExp(`^(\\d+): ${typeid}`, "m").exec(await client.debugInfo())![1]);
}

describe("a connection that breaks", () => {
  test("fails the calls under way, and the next call connects again", async () => {
    await far({}, async ({ network, client, server: _ }) => {
      const [queue, list] = [await client.Queue(), await client.list([1])];
      const bytes = encode(list);
      const get = queue.get();
      get.catch(() => {});
      await list.length();
      network.cut();
      await expect(get).rejects.toMatchObject({ code: "ERR_CONNECTION_LOST" });
      await expect(list.length()).rejects.toMatchObject({ code: "ERR_REFERENT_GONE" });
      expect(await (await client.list([1, 2])).length()).toBe(2);
      expect(decode(bytes)).toBe(list);
    });
  });

  test("costs nothing that the server was told to keep for a while: references, and locks", async () => {
    await far({ linger: 60_000 }, async ({ network, client }) => {
      const [lock, list] = [await client.Lock(), await client.list([1])];
      await lock.acquire();
      network.cut();
      await until(async () => (await list.length().catch(() => 0)) === 1);
      expect(await lock.locked()).toBe(true);
      await lock.release();
    });
  });

  test("gives back what the client had, where the server keeps nothing", async () => {
    await far({}, async ({ network, client }) => {
      const [lock, keeper] = [await client.Lock(), await client.list<any>()];
      await keeper.push(lock);
      await lock.acquire();
      network.cut();
      await until(async () => (await client.clients().catch(() => [])).length === 1);
      // The lock is gone, unless the server's collector has not come by yet: then it is free.
      expect(String(await lock.locked().catch(({ code }) => code))).toMatch(/false|ERR_REFERENT_GONE/);
    });
  });

  test("is no change of mind: the party of a barrier that it cut off came, whichever of its two ends first", async () => {
    await far({}, async ({ network, client }) => {
      const barrier = await client.Barrier(2);
      const [calls, blocking] = [await RawClient.connect(network.address), await RawClient.connect(network.address)];
      await calls.enter(authkey, "one session", CALLS);
      await blocking.enter(authkey, "one session", BLOCKING);
      blocking.request(1, [await identOf(client, "Barrier"), "wait"]);
      await until(async () => (await barrier.nWaiting()) === 1);
      blocking.socket.destroy();
      await until(async () => (await barrier.nWaiting()) === 0);
      expect(await barrier.wait()).toBe(1);
      calls.socket.destroy();
    });
  });
});

describe("a client that has lost a connection whose end the server has not noticed", () => {
  /** A session's two connections, and what opens the next one for its calls. */
  async function session(network: BadNetwork) {
    const enter = async (channel: number, number?: number) => {
      const connection = await RawClient.connect(network.address);
      await connection.enter(authkey, "one session", channel, number);
      return connection;
    };
    return { calls: await enter(CALLS, 1), blocking: await enter(BLOCKING), again: () => enter(CALLS, 2) };
  }

  test("has nothing done by the calls that it gave up, and all by those of its next one", async () => {
    await far({}, async ({ network, client }) => {
      const queue = await client.Queue();
      const get = [await identOf(client, "Queue"), "get"];
      const { calls, blocking, again } = await session(network);
      calls.request(1, get);
      const next = await again();
      await calls.closed;
      next.request(2, get);
      await queue.put("an item");
      expect(await next.answer()).toEqual([2, 0, "an item"]);
      for (const { socket } of [next, blocking]) socket.destroy();
    });
  });

  test("is answered what it forwarded over the other one", async () => {
    await far({}, async ({ network, client }) => {
      const list = await client.list([1]);
      const { calls, blocking, again } = await session(network);
      blocking.request(0, [FORWARD, addressed(7, encode([await identOf(client, "list"), "push", 2])), 2]);
      await calls.closed;
      const next = await again();
      expect(await next.answer()).toEqual([7, 0, 2]);
      expect(await list.getValue()).toEqual([1, 2]);
      for (const { socket } of [next, blocking]) socket.destroy();
    });
  });

  test("does not wait for what it said over the lost one", async () => {
    await far({}, async ({ network, client }) => {
      const list = await client.list([1]);
      const { blocking, again } = await session(network);
      blocking.request(0, [AFTER, 5]);
      blocking.request(1, [await identOf(client, "list"), "length"]);
      const next = await again();
      expect(await blocking.answer()).toEqual([1, 0, 1]);
      for (const { socket } of [next, blocking]) socket.destroy();
      expect(await list.length()).toBe(1);
    });
  });
});

test("a forked child that is faster than what its parent says at the fork inherits nevertheless", async () => {
  await far({}, async ({ network, client }) => {
    const list = await client.list([1]);
    const ident = await identOf(client, "list");
    const [parent, child] = [await RawClient.connect(network.address), await RawClient.connect(network.address)];
    for (const one of [parent, child]) await one.enter(authkey);
    const done = async (one: RawClient) => {
      one.request(1, [0, "numberOfObjects"]);
      await one.answer();
    };
    child.request(0, [INHERIT, "a ticket"]);
    await done(child);
    parent.request(0, [ADOPT, ident, ""]);
    parent.request(0, [LEND_ALL, "a ticket"]);
    await done(parent);
    parent.socket.destroy();
    await until(async () => (await client.clients()).length === 2);
    expect(await client.debugInfo()).toBe(`${ident}: list, 2 references`);
    child.socket.destroy();
    await until(async () => (await client.debugInfo()) === `${ident}: list, 1 references`);
    expect(await list.length()).toBe(1);
  });
});

test("over a slow network calls arrive in their order, many under way at a time", async () => {
  await far({}, async ({ network, client }) => {
    const list = await client.list<number>();
    network.slowDown(20);
    await Promise.all(Array.from({ length: 500 }, (_, i) => list.push(i)));
    expect(await list.getValue()).toEqual(Array.from({ length: 500 }, (_, i) => i));
  });
});

test("ten thousand clients that come and leave leave nothing behind", async () => {
  await using server = new SyncManager({ address: ["127.0.0.1", 0], authkey });
  await server.start();
  const { pid } = server.process!;
  const memory = () => Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
  const visits = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const client = await RawClient.connect(server.address as [string, number]);
      await client.enter(authkey);
      client.request(1, [0, "create", "list", [i]]);
      await client.receive();
      client.socket.resetAndDestroy();
    }
  };
  const lanes = async (count: number) => Promise.all(Array.from({ length: 20 }, () => visits(count / 20)));
  await lanes(2000);
  const before = memory();
  await lanes(8000);
  await until(async () => (await server.clients()).length === 1);
  expect(await server.numberOfObjects()).toBe(0);
  expect(memory() - before).toBeLessThan(40);
}, 120_000);
