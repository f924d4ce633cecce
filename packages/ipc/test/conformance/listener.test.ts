import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Address, type AddressFamily, Client, type Connection, clientSync, Listener, Pipe } from "@cordage/ipc";
import { newFiles } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { ended, outputOf, runWith } from "../support/connection-children.js";

const opened = newFiles();
const folder = mkdtempSync(path.join(tmpdir(), "cordage-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
  expect(opened()).toEqual([]);
});
const coded = (code: string) => expect.objectContaining({ code });

const kinds: Array<[string, Address | undefined, AddressFamily | undefined]> = [
  ["an address of its own", undefined, undefined],
  ["family inet", undefined, "inet"],
  ["family inet6", undefined, "inet6"],
  ["a path", path.join(folder, "socket"), undefined],
  ["an abstract name", `\0cordage-test-${process.pid}`, undefined], // 141 _TestListener.test_abstract_socket
  ["family unix", undefined, "unix"],
  ["a port", 0, undefined],
  ["host and port", ["localhost", 0], undefined],
  ["every interface", ["", 0], undefined],
  ["an object", { host: "127.0.0.1", port: 0 }, undefined],
  ["host:port", "127.0.0.1:0", "inet"],
  ["[host]:port", "[::1]:0", "inet6"],
];

// 142 _TestListenerClient.test_listener_client, 144 test_issue16955, 130-132 over every family
describe.each(kinds.slice(0, 5))("a listener at %s", (_, address, family) => {
  test.each(["sync", "promise"])("talks with a client in another process, which connects in %s form", async (form) => {
    using listener = new Listener(address, { family });
    const output = outputOf("client.mjs", [JSON.stringify(listener.address), form]);
    using connection = await listener.accept();
    expect(await connection.recv()).toBe("hello");
    await connection.send(`welcome ${"x".repeat(70_000)}`);
    expect(await output).toBe(`welcome ${"x".repeat(70_000)}`);
  });
});

// 139 _TestListener.test_context
describe.each(kinds)("a listener at %s", (_, address, family) => {
  test("connects with a client in the same process, and is closed with its scope", async () => {
    const listener = new Listener(address, { family });
    {
      using scope = listener;
      await using client = await Client(scope.address);
      using connection = await scope.accept();
      client.sendSync(1729);
      expect(await connection.recv()).toBe(1729);
      expect(connection.pollSync()).toBe(false);
      using other = clientSync(scope.address);
      using accepted = scope.acceptSync({ timeout: 60_000 });
      accepted.sendSync("sync");
      expect(await other.poll(60_000)).toBe(true);
      expect(other.recvSync()).toBe("sync");
    }
    expect(listener.closed).toBe(true);
    await expect(listener.accept()).rejects.toThrow(coded("ERR_CLOSED"));
    expect(() => listener.acceptSync()).toThrow(coded("ERR_CLOSED"));
    await expect(Client(listener.address)).rejects.toThrow(
      coded(
        family === undefined && typeof listener.address === "string" && listener.address[0] !== "\0"
          ? "ENOENT"
          : "ECONNREFUSED",
      ),
    );
  });
});

// 138 _TestListener.test_multiple_bind
test.each(kinds)("a second listener at the address of %s is refused", (_, address, family) => {
  using listener = new Listener(address, { family });
  const taken = expect.objectContaining({ code: "EADDRINUSE", syscall: "bind" });
  expect(() => new Listener(listener.address, { family })).toThrow(taken);
});

// 143 _TestListenerClient.test_issue14725
test.each(kinds.slice(0, 5))(
  "a client at %s may write and be gone before it is accepted",
  async (_, address, family) => {
    using listener = new Listener(address, { family });
    const client = await Client(listener.address);
    client.sendSync("hello");
    client.close();
    using connection = await listener.accept();
    expect(await connection.recv()).toBe("hello");
    await expect(connection.recv()).rejects.toThrow(coded("ERR_EOF"));
  },
);

test("the address says which port was given, and lastAccepted where the client is", async () => {
  using listener = new Listener(["127.0.0.1", 0]);
  const [host, port] = listener.address as [string, number];
  expect([host, port > 0, listener.lastAccepted]).toEqual(["127.0.0.1", true, undefined]);
  using _client = await Client({ host: "localhost", port });
  using _connection = await listener.accept();
  expect(listener.lastAccepted).toEqual(["127.0.0.1", expect.any(Number)]);
});

test("the path is there while the listener is open", async () => {
  const name = path.join(folder, "there");
  const listener = new Listener(name);
  expect([listener.address, existsSync(name)]).toEqual([name, true]);
  expect(() => new Listener(name)).toThrow(expect.objectContaining({ code: "EADDRINUSE", syscall: "bind" }));
  listener.close();
  listener.close();
  expect(existsSync(name)).toBe(false);
});

test("closing rejects whoever waits, and a timeout or signal ends a wait without closing", async () => {
  const listener = new Listener();
  await expect(listener.accept({ timeout: 5 })).rejects.toThrow(coded("ERR_TIMEOUT"));
  expect(() => listener.acceptSync({ timeout: 5 })).toThrow(coded("ERR_TIMEOUT"));
  expect(() => listener.acceptSync({ timeout: 0 })).toThrow(coded("ERR_TIMEOUT"));
  const stop = new AbortController();
  const cancelled = listener.accept({ signal: stop.signal });
  stop.abort(new Error("no longer wanted"));
  await expect(cancelled).rejects.toThrow("no longer wanted");
  const waiting = [listener.accept(), listener.accept()];
  const settled = Promise.allSettled(waiting);
  listener.close();
  for (const result of await settled)
    expect(result).toMatchObject({ status: "rejected", reason: { code: "ERR_CLOSED" } });
});

test("several clients at once each get a connection", async () => {
  using listener = new Listener(undefined, { backlog: 2 });
  const accepted = Promise.all(Array.from({ length: 20 }, () => listener.accept()));
  const clients = await Promise.all(Array.from({ length: 20 }, () => Client(listener.address)));
  for (const [i, client] of clients.entries()) client.sendSync(i);
  const numbers = await Promise.all((await accepted).map((c) => c.recv()));
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  for (const c of [...clients, ...(await accepted)]) c.close();
});

test("a client waits while the backlog is full, and gives up after its timeout", async () => {
  using listener = new Listener(undefined, { backlog: 1 });
  const clients: Connection[] = [];
  // The blocking form tries before it looks at the clock: it fails only if the backlog is full.
  const fill = () => {
    for (;;) clients.push(clientSync(listener.address, { timeout: 20 }));
  };
  expect(fill).toThrow(coded("ERR_TIMEOUT"));
  await expect(Client(listener.address, { timeout: 20 })).rejects.toThrow(coded("ERR_TIMEOUT"));
  const late = Client(listener.address);
  listener.acceptSync().close();
  (await late).close();
  for (const c of clients) c.close();
});

// 196, 197 TestInvalidFamily
test.each<[unknown, object | undefined, string]>([
  ["\\\\.\\pipe\\test", undefined, "ERR_OUT_OF_RANGE"],
  ["/a/path", { family: "inet" }, "ERR_OUT_OF_RANGE"],
  [["127.0.0.1", 80], { family: "unix" }, "ERR_OUT_OF_RANGE"],
  [["127.0.0.1", 80], { family: "inet6" }, "ERR_OUT_OF_RANGE"],
  ["/a/path", { family: "AF_PIPE" }, "ERR_OUT_OF_RANGE"],
  ["/a/path", { family: 1 }, "ERR_INVALID_ARG_TYPE"],
  ["", undefined, "ERR_OUT_OF_RANGE"],
  ["/a\0b", undefined, "ERR_OUT_OF_RANGE"],
  [`/${"x".repeat(107)}`, undefined, "ERR_OUT_OF_RANGE"],
  [-1, undefined, "ERR_OUT_OF_RANGE"],
  [["127.0.0.1", 65536], undefined, "ERR_OUT_OF_RANGE"],
  [["127.0.0.1", "80"], undefined, "ERR_INVALID_ARG_TYPE"],
  [{ host: "localhost" }, undefined, "ERR_INVALID_ARG_TYPE"],
  [null, undefined, "ERR_INVALID_ARG_TYPE"],
  [Symbol("x"), undefined, "ERR_INVALID_ARG_TYPE"],
])("the address %p with %p is refused", async (address, options, code) => {
  if (address !== null) expect(() => new Listener(address as Address, options)).toThrow(coded(code));
  await expect(Client(address as Address, options)).rejects.toThrow(coded(code));
  expect(() => clientSync(address as Address, options)).toThrow(coded(code));
});

test("a host that must be looked up is for the promise form only", async () => {
  expect(() => clientSync(["host.invalid", 80])).toThrow(coded("ERR_OUT_OF_RANGE"));
  expect(() => new Listener(["host.invalid", 80])).toThrow(coded("ERR_OUT_OF_RANGE"));
  await expect(Client(["host.invalid", 80])).rejects.toThrow(expect.objectContaining({ syscall: "getaddrinfo" }));
});

// 204 TestIgnoreEINTR.test_ignore_listener
test("a signal does not end accept in a process that blocks in it", async () => {
  const [ours, theirs] = Pipe();
  const child = runWith("accept-through-signals.mjs", [theirs]);
  const address = await ours.recv();
  for (let i = 0; i < 20; i++) child.kill("SIGUSR2");
  using client = await Client(address);
  expect(await client.recv()).toBe("welcome");
  expect(await ended(child)).toBe(0);
  ours.close();
});
