/** Managers over TLS. The key and the certificate of fixtures/tls are for these tests, and for localhost, only. */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { BaseManager, type DictProxy, SyncManager } from "@cordage/manager";
import { Process } from "@cordage/process";
import { endLeftOver, until } from "@cordage/test-support";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setPid } from "./fixtures/set-pid.mjs";

const file = (name: string) => readFileSync(new URL(`./fixtures/tls/${name}.pem`, import.meta.url));
const [key, cert] = [file("key"), file("cert")];
const authkey = "abracadabra";

const serving = { address: ["127.0.0.1", 0], authkey, tls: { key, cert, ca: cert } } as const;
const manager = new SyncManager(serving);
const impatient = new SyncManager({ ...serving, handshakeTimeout: 300 }).getServer();
beforeAll(async () => {
  await Promise.all([manager.start(), impatient.listen()]);
});
afterAll(async () => {
  await Promise.all([manager.shutdown(), impatient.close()]);
  await endLeftOver();
});

/** Another program's manager: this one's would share its session. */
const client = (tls: object) => new BaseManager({ address: manager.address, authkey, tls });

test("a child uses a proxy, blocking, and needs to be told nothing", async () => {
  const d = await manager.dict<number>();
  const child = new Process({ target: setPid, args: [d] });
  child.start();
  await child.join();
  expect(await d.getValue()).toEqual({ pid: child.pid });
  expect(d.sync.pid).toBe(child.pid);
});

test("a client that trusts the certificate is served", async () => {
  const one = client({ ca: cert });
  await one.connect();
  const d = await one.create<DictProxy>("dict", { a: 1 });
  expect(await d.get("a")).toBe(1);
  await one.shutdown();
});

test("a client that does not trust the certificate goes no further", async () => {
  await expect(client({}).connect()).rejects.toMatchObject({
    code: "ERR_CANNOT_CONNECT",
    cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
  });
});

test.each([
  ["says nothing", ""],
  ["speaks something else", "GET / HTTP/1.1\r\n\r\n"],
])("a client that %s is disconnected, after handshakeTimeout at the latest", async (_, text) => {
  const [, port] = impatient.address as [string, number];
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  await closed(socket);
});

test("of those who do not finish the handshake, the oldest makes room for whoever comes next", async () => {
  const crowded = new SyncManager({
    address: ["127.0.0.1", 0],
    authkey,
    tls: { key, cert, ca: cert },
    maxStrangers: 3,
    handshakeTimeout: 60_000,
  });
  await crowded.start();
  const [, port] = crowded.address as [string, number];
  const descriptors = () => readdirSync(`/proc/${crowded.process!.pid}/fd`).length;
  const before = descriptors();
  const dropped = new Set<number>();
  const comers = [];
  for (let i = 0; i < 8; i++) {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    comers.push(closed(socket).then(() => dropped.add(i)));
  }
  await Promise.all(comers.slice(0, 5));
  expect(dropped).toEqual(new Set([0, 1, 2, 3, 4]));
  const one = new BaseManager({ address: crowded.address, authkey, tls: { ca: cert } });
  await one.connect();
  expect(await (await one.create<DictProxy>("dict", { a: 1 })).get("a")).toBe(1);
  await comers[5];
  expect(dropped).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  await one.shutdown();
  await until(() => descriptors() === before + 2);
  await crowded.shutdown();
  await Promise.all(comers);
});

test("those in the middle of the handshake count once, before and after", async () => {
  const tls = { key, cert, ca: cert };
  const crowded = new SyncManager({ address: ["127.0.0.1", 0], authkey, tls, maxStrangers: 2 });
  await crowded.start();
  const [, port] = crowded.address as [string, number];
  const first = connectTls({ port, host: "127.0.0.1", ca: cert }); // says nothing after it
  await once(first, "secureConnect");
  const second = connectTls({ port, host: "127.0.0.1", ca: cert });
  await once(second, "secureConnect");
  await once(second, "data"); // the challenge of the exchange of keys
  expect([first.destroyed, first.readableEnded]).toEqual([false, false]);
  const gone = [closed(first), closed(second)];
  const one = new BaseManager({ address: crowded.address, authkey, tls: { ca: cert } });
  await one.connect();
  await gone[0];
  await one.shutdown();
  await crowded.shutdown();
  await gone[1];
});

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on("error", () => {}); // it may be reset
    socket.on("close", () => resolve());
    socket.resume();
  });
}
