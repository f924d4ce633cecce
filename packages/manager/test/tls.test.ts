/** Managers over TLS. The key and the certificate of fixtures/tls are for these tests, and for localhost, only. */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { BaseManager, type DictProxy, SyncManager } from "@cordage/manager";
import { Process } from "@cordage/process";
import { endLeftOver } from "@cordage/test-support";
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

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on("error", () => {}); // it may be reset
    socket.on("close", () => resolve());
    socket.resume();
  });
}
