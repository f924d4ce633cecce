/** What recv gives: bytes of the caller's own, however they lie in memory. */
import { ConnectionResetError, createConnection, createServer, type Socket, socketpair } from "@cordage/selectors";
import { expect, test } from "@jest/globals";
import { owned } from "./support/socket-kinds.js";

const pair = (): [Socket, Socket] => socketpair().map(owned) as [Socket, Socket];
const pattern = (length: number, from: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => from + i * 7));

test("nothing that was received before is changed by what comes later, whatever the lengths", () => {
  const [a, b] = pair();
  const kept: Array<[received: Buffer, expected: Buffer]> = [];
  for (const [n, length] of [1, 7, 8, 64, 4095, 4096, 4097, 3, 16384, 16385, 1, 60000, 2, 2, 100000, 5].entries()) {
    const expected = pattern(length, n);
    a.sendAll(expected);
    for (let at = 0; at < length; ) {
      const received = b.recv(1 << 17);
      kept.push([received, expected.subarray(at, at + received.length)]);
      at += received.length;
    }
  }
  for (const [received, expected] of kept) expect(received.equals(expected)).toBe(true);
});

test("what is there is received at once, also when it is longer than the last one by far", () => {
  const [a, b] = pair();
  a.sendAll("short");
  expect(String(b.recv(1 << 16))).toBe("short");
  const long = pattern(50000, 1);
  a.sendAll(long);
  expect(b.recv(1 << 16).equals(long)).toBe(true);
  a.sendAll(long);
  expect(b.recv(20000).equals(long.subarray(0, 20000))).toBe(true);
  expect(b.recv(1 << 16).equals(long.subarray(20000))).toBe(true);
});

test("bytes that share memory with others' cannot be transferred away", () => {
  const [a, b] = pair();
  a.sendAll("one");
  const one = b.recv(100);
  const transfer = (): unknown => structuredClone(one.buffer, { transfer: [one.buffer as ArrayBuffer] });
  if (Number(process.versions.node.split(".")[0]) >= 21) expect(transfer).toThrow();
  else transfer(); // clones, and leaves it where it is
  a.sendAll("two");
  expect([String(one), String(b.recv(100))]).toEqual(["one", "two"]);
});

test("an end is empty, again and again, and changes nothing that is kept", () => {
  const [a, b] = pair();
  a.sendAll("last");
  a.close();
  const last = b.recv(100);
  expect([b.recv(100), b.recv(1 << 20), b.recv(1)].map((bytes) => bytes.length)).toEqual([0, 0, 0]);
  expect(String(last)).toBe("last");
});

test.each([10, 4096, 20000, 60000])("an error that follows %i bytes is the next call's", (length) => {
  const server = owned(createServer(["127.0.0.1", 0]));
  const client = owned(createConnection(server.address()));
  const [peer] = server.accept();
  peer.sendAll(pattern(length, 0));
  client.sendAll("unread: closing resets the connection");
  peer.close();
  const received: Buffer[] = [];
  const receiveAll = (): void => {
    for (;;) received.push(client.recv(1 << 16));
  };
  expect(receiveAll).toThrow(ConnectionResetError);
  expect(Buffer.concat(received).equals(pattern(length, 0).subarray(0, Buffer.concat(received).length))).toBe(true);
});
