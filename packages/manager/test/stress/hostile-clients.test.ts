/** What strangers and bad clients send disturbs nobody else. */
import { readdirSync, readFileSync } from "node:fs";
import { SyncManager } from "@cordage/manager";
import { until } from "@cordage/test-support";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { addressed, framed, RawClient } from "../support/raw-client.js";

const KEY = "the key";
const manager = new SyncManager({
  address: ["127.0.0.1", 0],
  authkey: KEY,
  maxMessage: 64 * 1024,
  maxConnections: 40,
  maxCalls: 50,
});
/** Nobody is to prove himself to this one: a busy machine takes its time. */
const impatient = new SyncManager({ address: ["127.0.0.1", 0], authkey: KEY, handshakeTimeout: 300 }).getServer();
let address: [string, number];
beforeAll(async () => {
  await Promise.all([manager.start(), impatient.listen()]);
  address = manager.address as [string, number];
});
afterAll(async () => {
  await Promise.all([manager.shutdown(), impatient.close()]);
});

const descriptors = () => readdirSync(`/proc/${manager.process!.pid}/fd`).length;

/** Others are served, and what was there is left of it. */
afterEach(async () => {
  const d = await manager.dict({ a: 1 });
  expect(await d.increment("a")).toBe(2);
  await until(async () => (await manager.clients()).length === 1);
});

describe("before the key is proved", () => {
  test.each([
    ["random bytes", Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) & 255))],
    ["a message longer than any of the exchange", framed(Buffer.alloc(1000))],
    ["a header that promises two gigabytes", Buffer.from([0x7f, 0xff, 0xff, 0xff])],
    ["a negative length", Buffer.from([0x80, 0, 0, 0])],
    ["a request", framed(Buffer.from([0x94, 1, 0, 0xa6]))],
    ["a request of HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n")],
  ])("%s end the connection, and nothing else", async (_what, bytes) => {
    const client = await RawClient.connect(address);
    client.socket.write(bytes);
    await client.closed;
  });

  test("who does not know the key is told so, and is out", async () => {
    const client = await RawClient.connect(address);
    await expect(client.prove("another key")).rejects.toMatchObject({ code: "ERR_AUTHENTICATION" });
    await client.closed;
  });

  test("who says nothing, or stops in the middle, is out when its time is over", async () => {
    const where = impatient.address as [string, number];
    const [silent, slow] = [await RawClient.connect(where), await RawClient.connect(where)];
    await slow.receive();
    slow.send(Buffer.from("{sha256}"));
    await Promise.all([silent.closed, slow.closed]);
  });

  test("who takes longest makes room, once more have come than maxStrangers", async () => {
    const options = { authkey: KEY, maxStrangers: 4, handshakeTimeout: 60_000 };
    const crowded = new SyncManager({ address: ["127.0.0.1", 0], ...options });
    await crowded.start();
    const stalled = [];
    for (let i = 0; i < 10; i++) stalled.push(await RawClient.connect(crowded.address as [string, number]));
    await Promise.all(stalled.slice(0, 6).map((client) => client.closed));
    expect(stalled.map(({ socket }) => socket.destroyed)).toEqual([...Array(6).fill(true), ...Array(4).fill(false)]);
    expect((await stalled[9]!.enter(KEY))[0]).toBe(1);
    await crowded.shutdown();
    await Promise.all(stalled.map((client) => client.closed));
  });

  test("many who stall keep nobody from coming in", async () => {
    const stalled = await Promise.all(Array.from({ length: 30 }, () => RawClient.connect(address)));
    const other = new SyncManager({ address, authkey: KEY });
    await other.connect();
    expect(await (await other.list([1])).length()).toBe(1);
    await other.shutdown();
    for (const client of stalled) client.socket.destroy();
  });
});

describe("after the key is proved", () => {
  async function entered(): Promise<RawClient> {
    const client = await RawClient.connect(address);
    expect((await client.enter(KEY))[0]).toBe(1);
    return client;
  }

  /** As seen by another client, where this one has as many calls as it may. */
  async function info(client: RawClient): Promise<string> {
    client.request(1, [0, "debugInfo"]);
    return (await client.answer())[2];
  }

  test.each([
    ["a version that does not exist", [99, 0, "x"]],
    ["a channel that does not exist", [1, 7, "x"]],
    ["a name of a session that is none", [1, 0, 5]],
  ])("%s is refused", async (_what, hello) => {
    const client = await RawClient.connect(address);
    await client.prove(KEY);
    client.say(hello);
    expect(await client.hear()).toEqual([1, expect.objectContaining({ code: "ERR_PROTOCOL" })]);
    await client.closed;
  });

  test.each<[string, Uint8Array]>([
    ["bytes that are no message", Buffer.from([0xc1, 0xc1, 0xff])],
    ["an id that is none", addressed(-1, Buffer.from([0x90]))],
    ["an id that is no whole number", addressed(1.5, Buffer.from([0x90]))],
    ["an empty message", Buffer.alloc(0)],
    ["a control that is no value", addressed(0, Buffer.from([0xc1, 0xc1, 0xff]))],
    ["an operation that does not exist", addressed(0, Buffer.from([0x91, 99]))],
  ])("%s end the connection", async (_what, message) => {
    const client = await entered();
    client.send(message);
    await client.closed;
  });

  test.each<[string, Uint8Array]>([
    ["bytes that are no value", Buffer.from([0xc1, 0xc1, 0xff])],
    ["a value that is no request", Buffer.from([0x05])],
    ["no bytes at all but two", Buffer.from([0x90, 0x90])],
  ])("%s in a request fail that alone", async (_what, bytes) => {
    const client = await entered();
    client.send(addressed(7, bytes));
    expect((await client.answer()).slice(0, 2)).toEqual([7, 1]);
    client.request(8, [0, "numberOfObjects"]);
    expect((await client.answer()).slice(0, 2)).toEqual([8, 0]);
    client.socket.destroy();
  });

  test("a message beyond maxMessage ends the connection before it is read", async () => {
    const client = await entered();
    const header = Buffer.alloc(4);
    header.writeInt32BE(64 * 1024 + 1);
    client.socket.write(header);
    await client.closed;
  });

  test("nothing but exposed methods of shared objects can be called", async () => {
    const d = await manager.dict({ a: 1 });
    const client = await entered();
    const calls: unknown[][] = [
      [0, "constructor"],
      [0, "__proto__"],
      [0, "shutdown"],
      [0, "create", "constructor"],
      [1e9, "get", "a"],
      [-1, "get"],
      ["0", "create"],
    ];
    for (const ident of [1, 2, 3, 4, 5, 6, 7, 8])
      for (const method of ["constructor", "__proto__", "toString", "host", "data", "value", "hasOwnProperty", ""])
        calls.push([ident, method]);
    for (const [i, call] of calls.entries()) client.request(i + 1, call);
    for (const _ of calls) {
      const [, status, error] = await client.answer();
      expect([status, error.code]).toEqual([1, expect.stringMatching(/^ERR_(NOT_EXPOSED|REFERENT_GONE|TYPE_NOT_REG)/)]);
    }
    client.socket.destroy();
    expect(await d.getValue()).toEqual({ a: 1 });
  });

  test("controls about what does not exist change nothing", async () => {
    const d = await manager.dict({ a: 1 });
    const client = await entered();
    const senseless = [
      [0, 99],
      [1, 1e9, 5],
      [1, 1, -5],
      [1, 1, 1e9],
      [1, "x", "y"],
      [2, 1e9, "t"],
      [3, 1e9, "t"],
      [3, 1, {}],
      [4, "t"],
      [5, "t2"],
    ];
    for (const control of senseless) client.request(0, control);
    client.request(1, [0, "numberOfObjects"]);
    const answer = await client.answer();
    if (answer) expect(answer[1]).toBe(0);
    client.socket.destroy();
    expect(await d.getValue()).toEqual({ a: 1 });
  });

  test("who does not read its answers is not read either, and costs the server no more memory", async () => {
    const rss = () => Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${manager.process!.pid}/status`, "utf8"))![1]);
    const big = await manager.list<Buffer>([Buffer.alloc(60_000)]);
    const client = await entered();
    client.socket.pause();
    const ident = Number(/^(\d+): list/m.exec(await manager.debugInfo())![1]);
    const before = rss();
    for (let i = 1; i < 40_000; i++) client.request(i, [ident, "getValue"]);
    await big.length();
    await new Promise((resolve) => setTimeout(resolve, 300)); // for the server to do what it must not
    expect(rss() - before).toBeLessThan(50_000); // KiB; the answers have 2.4 GB
    client.socket.destroy();
  });

  test("more calls at a time than maxCalls are refused one by one", async () => {
    const q = await manager.Queue<number>();
    const outcomes = Promise.allSettled(Array.from({ length: 60 }, () => q.get()));
    const client = await entered();
    const ident = Number(/^(\d+): Queue/m.exec(await info(client))![1]);
    for (let i = 0; i < 50; i++) client.request(i + 2, [ident, "put", i]);
    const refused = (await outcomes).filter((one) => one.status === "rejected");
    expect(refused.map(({ reason }) => reason.code)).toEqual(Array(10).fill("ERR_TOO_MANY_CALLS"));
    client.socket.destroy();
  });

  test("more connections than maxConnections are told so", async () => {
    const clients = await Promise.all(Array.from({ length: 39 }, entered));
    const late = await RawClient.connect(address);
    const greeting = await late.enter(KEY);
    expect(greeting[1]).toMatchObject({ code: "ERR_TOO_MANY_CONNECTIONS" });
    for (const client of clients) client.socket.destroy();
  });

  test("any bytes after the greeting, whatever they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), async (messages) => {
        const client = await entered();
        for (const [i, message] of messages.entries()) client.send(addressed(i % 2, message));
        client.socket.end();
        await client.closed;
      }),
      { numRuns: 80 },
    );
  });

  test("any requests, whatever they ask for", async () => {
    const d = await manager.dict({ a: 1 });
    const anyCall = fc.tuple(
      fc.integer({ min: 0, max: 12 }),
      fc.oneof(fc.constantFrom("create", "get", "set", "push", "acquire", "getValue", "update", "sort"), fc.string()),
      fc.anything({ maxDepth: 2 }),
      fc.anything({ maxDepth: 2 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { maxLength: 10 }), async (calls) => {
        const client = await entered();
        for (const [i, call] of calls.entries()) {
          try {
            client.request(i + 1, call);
          } catch {
            // What no client can encode.
          }
        }
        client.socket.end();
        await client.closed;
      }),
      { numRuns: 80 },
    );
    expect(typeof (await d.size())).toBe("number");
  });
});

test("strangers leave no descriptor behind", async () => {
  const before = descriptors();
  const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(address)));
  for (const client of clients) client.socket.write("nonsense");
  await Promise.all(clients.map((client) => client.closed));
  await until(() => descriptors() <= before);
});
