import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import net from "node:net";
import { Client, type Connection, EOFError, Listener, Pipe, wait, waitSync } from "@cordage/ipc";
import { native } from "@cordage/ipc/sys";
import { newFiles } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { ended, runWith } from "../support/connection-children.js";
import { fixturePath } from "../support/fixture.js";

const opened = newFiles();
afterAll(() => expect(opened()).toEqual([]));
const coded = (code: string) => expect.objectContaining({ code });

/** One message, or the end: then the reader is done with. */
function take(reader: Connection, readers: Set<Connection>, into: number[][]): void {
  try {
    into.push(reader.recvSync());
  } catch (error) {
    if (!(error instanceof EOFError)) throw error;
    readers.delete(reader);
    reader.close();
  }
}

// 189 TestWait.test_wait, 191 test_wait_slow
describe.each(["promise", "sync"])("in %s form", (form) => {
  const look = async <T extends Connection>(objects: Iterable<T>) =>
    form === "sync" ? waitSync(objects) : await wait(objects);

  test.each([0, 20])("every message of four children arrives, sent up to %i ms apart", async (delay) => {
    const readers = new Set<Connection>();
    const children = Array.from({ length: 4 }, () => {
      const [reader, writer] = Pipe({ duplex: false });
      readers.add(reader);
      return runWith("send-tuples.mjs", [writer], [String(delay)]);
    });
    const messages: number[][] = [];
    while (readers.size > 0) for (const reader of await look(readers)) take(reader, readers, messages);
    const expected = children.flatMap(({ pid }) => Array.from({ length: 10 }, (_, i) => [i, pid!]));
    const order = (a: number[], b: number[]) => a[0]! - b[0]! || a[1]! - b[1]!;
    expect(messages.sort(order)).toEqual(expected.sort(order));
    expect(await Promise.all(children.map(ended))).toEqual([0, 0, 0, 0]);
  });
});

// 190 TestWait.test_wait_socket, 192 test_wait_socket_slow
test.each([0, 20])("every byte of four sockets of node:net arrives, sent up to %i ms apart", async (delay) => {
  const server = net.createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const received = new Map<net.Socket, string>();
  server.on("connection", (socket) => received.set(socket, ""));
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [fixturePath("write-lines.mjs"), String(delay), String(port)], { stdio: "inherit" }),
  );
  while (received.size < 4) await once(server, "connection");
  const open = new Set(received.keys());
  while (open.size > 0) {
    for (const socket of await wait(open)) {
      const chunk = socket.read();
      if (chunk) received.set(socket, received.get(socket) + chunk);
      else if (socket.readableEnded || socket.destroyed) open.delete(socket);
    }
  }
  const lines = Array.from({ length: 10 }, (_, i) => `${i}\n`).join("");
  expect([...received.values()]).toEqual(Array(4).fill(lines));
  expect(await Promise.all(children.map(ended))).toEqual([0, 0, 0, 0]);
  for (const socket of received.keys()) socket.destroy();
  server.close();
  await once(server, "close");
});

// 194 TestWait.test_wait_integer
test("a sentinel is ready once its process has ended, and stays so", async () => {
  const [a, b] = Pipe();
  const [go, theirs] = Pipe();
  const child = runWith("echo-connection.mjs", [theirs], ["values", "sync"]);
  const pidfd = native.pidfdOpen(child.pid!);
  const sentinel = { fileno: () => pidfd };
  expect(await wait([a, sentinel, b], 0)).toEqual([]);
  const later = wait([a, sentinel, b], 60_000);
  go.close();
  expect(await later).toEqual([sentinel]);
  await ended(child);
  a.sendSync(null);
  expect(await wait([a, sentinel, b], 60_000)).toEqual([sentinel, b]);
  b.sendSync(null);
  expect(waitSync([a, sentinel, b], 60_000)).toEqual([a, sentinel, b]);
  expect(waitSync([pidfd])).toEqual([pidfd]);
  closeSync(pidfd);
  for (const c of [a, b]) c.close();
});

// 193 TestWait.test_wait_timeout
test("a wait ends with nothing when its timeout has passed, and at once where something is ready", async () => {
  const [a, b] = Pipe();
  const began = performance.now();
  expect([await wait([a, b], 50), waitSync([a, b], 50)]).toEqual([[], []]);
  expect(performance.now() - began).toBeGreaterThan(98);
  b.sendSync(null);
  expect([await wait([a, b], 60_000), waitSync([a, b], 60_000)]).toEqual([[a], [a]]);
  for (const c of [a, b]) c.close();
});

// 195 TestWait.test_neg_timeout
test("a timeout below zero looks once", async () => {
  const [a, b] = Pipe();
  const began = performance.now();
  expect([waitSync([a], -1), await wait([a], -1), waitSync([a], 0)]).toEqual([[], [], []]);
  expect(performance.now() - began).toBeLessThan(1000);
  expect(await wait([a], 20)).toEqual([]);
  expect(waitSync([a], 20)).toEqual([]);
  expect(performance.now() - began).toBeGreaterThan(38);
  a.close();
  b.close();
});

test("nothing to wait for is no reason to wait", async () => {
  expect([await wait([]), waitSync(new Set<Connection>())]).toEqual([[], []]);
});

test("what was read ahead is ready, the end is ready, a regular file is ready", async () => {
  const [a, b] = Pipe();
  const [c, d] = Pipe();
  for (const i of [1, 2]) a.sendSync(i);
  expect(b.recvSync()).toBe(1);
  const file = openSync(fixturePath("send-tuples.mjs"), "r");
  expect([await wait([d, b, file]), waitSync([d, b, file])]).toEqual([
    [b, file],
    [b, file],
  ]);
  c.close();
  expect(await wait([d, b])).toEqual([d, b]);
  closeSync(file);
  for (const connection of [a, b, d]) connection.close();
});

test("a listener is ready when somebody waits to be accepted", async () => {
  using listener = new Listener();
  expect(await wait([listener], 0)).toEqual([]);
  const ready = wait([listener]);
  using _client = await Client(listener.address);
  expect(await ready).toEqual([listener]);
  listener.acceptSync().close();
});

test("waiting leaves a descriptor that is not ours as it was", async () => {
  const ends = new Int32Array(2);
  native.pipe(ends, 0);
  const flags = native.getFlags(ends[0]!);
  const [ready] = await Promise.all([
    wait([ends[0]!]),
    Promise.resolve().then(() => native.write(ends[1]!, Buffer.from("x"), 0, 1)),
  ]);
  expect(ready).toEqual([ends[0]]);
  expect(native.getFlags(ends[0]!)).toBe(flags);
  for (const fd of ends) closeSync(fd);
});

test("several waits for the same objects all end", async () => {
  const [a, b] = Pipe();
  const waits = [wait([b]), wait([b]), wait([b.fileno()])];
  a.sendSync(1);
  expect(await Promise.all(waits)).toEqual([[b], [b], [b.fileno()]]);
  a.close();
  b.close();
});

test("a signal cancels, a close is noticed, and what makes no sense is refused", async () => {
  const [a, b] = Pipe();
  const stop = new AbortController();
  const cancelled = wait([a], undefined, { signal: stop.signal });
  const noticed = wait([a, b]);
  stop.abort(new Error("enough"));
  await expect(cancelled).rejects.toThrow("enough");
  b.close();
  await expect(noticed).rejects.toThrow(coded("ERR_CLOSED"));
  await expect(wait([b])).rejects.toThrow(coded("ERR_CLOSED"));
  await expect(wait([a, a], 0)).rejects.toThrow(coded("ERR_DUPLICATE"));
  await expect(wait([a, a.fileno()], 0)).rejects.toThrow(coded("ERR_DUPLICATE"));
  expect(() => waitSync([44_977_608], 0)).toThrow(coded("EBADF"));
  expect(() => waitSync([-1])).toThrow(coded("ERR_OUT_OF_RANGE"));
  expect(() => waitSync(["x" as never])).toThrow(coded("ERR_INVALID_ARG_TYPE"));
  expect(() => waitSync(5 as never)).toThrow(coded("ERR_INVALID_ARG_TYPE"));
  expect(() => waitSync([a], "1" as never)).toThrow(coded("ERR_INVALID_ARG_TYPE"));
  a.close();
});
