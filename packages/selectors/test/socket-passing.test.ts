/** Sockets that travel: through connections, and to new processes. */
import { readlinkSync } from "node:fs";
import { Client, Listener, Pipe, Queue } from "@cordage/ipc";
import { decode, encode, pipe } from "@cordage/ipc/sys";
import { createConnection, createServer, type Socket, Socket as SocketClass, socketpair } from "@cordage/selectors";
import { endLeftOver, failureOf, programsIn, thrownBy } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { coded, kinds, listening, owned, patiences } from "./support/socket-kinds.js";

afterAll(endLeftOver);

/** Sends it through a pipe of this process, and takes it out at the other end. */
function passed(socket: Socket): Socket {
  const [one, other] = Pipe().map(owned) as unknown as ReturnType<typeof Pipe>;
  one.sendSync({ socket });
  return owned(other.recvSync<{ socket: Socket }>().socket);
}

describe.each(patiences)("%s", (_patience, timeout) => {
  test.each(kinds)(
    "over %s: who receives it has the same connection, and so has the sender still",
    (_kind, connected) => {
      const [ours, theirs] = connected();
      ours.setTimeout(timeout);
      const arrived = passed(ours);
      expect([arrived.family, arrived.type, arrived.getTimeout(), ours.getTimeout()]).toEqual([
        ours.family,
        "stream",
        timeout,
        timeout,
      ]);
      expect(arrived).toBeInstanceOf(SocketClass);
      expect([arrived.address(), arrived.peerAddress()]).toEqual([ours.address(), ours.peerAddress()]);
      for (const socket of [ours, arrived]) {
        socket.sendAll("through");
        expect(String(theirs.recv(7))).toBe("through");
      }
      ours.close();
      theirs.sendAll("still");
      arrived.setTimeout(null);
      expect(String(arrived.recv(5))).toBe("still");
      arrived.close();
      expect(theirs.recv(1).length).toBe(0);
    },
  );
});

test.each(listening)(
  "a listener at %s accepts wherever it is, each place with a patience of its own",
  (_kind, address) => {
    const ours = owned(createServer(address()));
    const arrived = passed(ours);
    ours.setTimeout(5);
    arrived.setTimeout(null);
    expect(() => ours.accept()).toThrow(coded("ERR_TIMEOUT"));
    ours.setBlocking(false);
    expect(() => ours.accept()).toThrow(coded("EAGAIN"));
    const client = owned(createConnection(ours.address()));
    const [peer, from] = arrived.accept();
    expect([owned(peer).getTimeout(), from]).toEqual([null, client.address()]);
  },
);

test("datagram sockets travel too, through promises and a unix socket", async () => {
  const listener = new Listener();
  const [client, server] = await Promise.all([Client(listener.address), listener.accept()]);
  const [one, other] = socketpair({ type: "dgram" }).map(owned) as [Socket, Socket];
  await client.send([other]);
  other.close();
  const [arrived] = await server.recv<[Socket]>();
  one.send("a message");
  expect([arrived.type, String(owned(arrived).recv(99))]).toEqual(["dgram", "a message"]);
  for (const end of [client, server, listener]) end.close();
});

test("what carries no descriptors refuses a socket, as it refuses a connection", async () => {
  const [socket] = socketpair().map(owned) as [Socket, Socket];
  const queue = new Queue<unknown>();
  const [reader, writer] = Pipe({ duplex: false });
  const listener = new Listener(0);
  const [client, server] = await Promise.all([Client(listener.address), listener.accept()]);
  const carriers: Array<[(value: unknown) => Promise<unknown>, RegExp]> = [
    [
      (value) => queue.put(value),
      /a (socket|connection) travels over a duplex pipe, a unix socket or to a new process only$/,
    ],
    [(value) => writer.send(value), /only a duplex pipe or a unix socket carries one, neither TCP nor a one-way pipe$/],
    [
      (value) => client.send(value),
      /a (selectors.Socket|Connection) cannot travel here: the peer may be on another machine$/,
    ],
  ];
  for (const [send, reason] of carriers)
    for (const value of [socket, reader]) {
      const error = await failureOf(send([value]));
      expect(error).toMatchObject({ name: "CodecError", code: "ERR_NOT_SERIALIZABLE" });
      expect(error.message).toMatch(reason);
    }
  for (const end of [reader, writer, listener, client, server, queue]) end.close();
});

test("a closed one does not travel, and one that is not sent stays as it was", () => {
  const [one, other] = Pipe();
  const [socket, peer] = socketpair().map(owned) as [Socket, Socket];
  expect(thrownBy(() => one.sendSync([socket, new WeakMap()]))).toMatchObject({ code: "ERR_NOT_SERIALIZABLE" });
  peer.sendAll("here");
  expect([socket.getTimeout(), String(socket.recv(9))]).toEqual([null, "here"]);
  socket.close();
  const error = thrownBy(() => one.sendSync(socket));
  expect(error.cause).toMatchObject({ code: "ERR_CLOSED", message: "cannot send a socket: the socket is closed" });
  for (const end of [one, other]) end.close();
});

test("what is no socket, or comes without one, does not become one, and leaves nothing open", () => {
  const [socket] = socketpair().map(owned) as [Socket, Socket];
  const bytes = Buffer.from(encode([socket], { addDescriptor: () => 0, takeDescriptor: () => -1 }));
  expect(thrownBy(() => decode(bytes))).toMatchObject({ code: "ERR_BAD_MESSAGE" });
  const { reader, writer } = pipe();
  for (const fd of [reader, writer]) {
    const transfer = { addDescriptor: () => 0, takeDescriptor: () => fd };
    expect(() => decode(bytes, transfer)).toThrow(coded("ENOTSOCK"));
    expect(() => readlinkSync(`/proc/self/fd/${fd}`)).toThrow(coded("ENOENT"));
  }
  const fd = owned(socket.dup()).detach();
  const patient = Buffer.from(bytes.toString("latin1").replace("timeout", "patient"), "latin1");
  const transfer = { addDescriptor: () => 0, takeDescriptor: () => fd };
  expect(() => decode(patient, transfer)).toThrow(coded("ERR_BAD_MESSAGE"));
  expect(() => readlinkSync(`/proc/self/fd/${fd}`)).toThrow(coded("ENOENT"));
});

const programs = programsIn(new URL("./fixtures/", import.meta.url));
describe.each(["spawn", "forkserver", "fork", "thread"])("to children that %s starts", (method) => {
  test("a listening socket goes to several, who all accept: a pre-fork server", async () => {
    expect(await programs.reports("pre-fork.mjs", method)).toEqual([["aabbcc", [0, 0, 0]]]);
  });

  if (method !== "thread")
    test("when one of several who accept is killed, the others serve", async () => {
      expect(await programs.reports("pre-fork-killed.mjs", method)).toEqual([[50, [-9, 0, 0]]]);
    });

  test("a socket goes to one that does not know the package", async () => {
    const greeting = "hello from a Socket with a timeout of 1234";
    expect(await programs.reports("start-greeter.mjs", method)).toEqual([[greeting, 0]]);
  });
});

test("a forked child and its parent wait as each of them says, though they have one open file", async () => {
  expect(await programs.reports("fork-listener.mjs", "fork")).toEqual([["EAGAIN", "ERR_TIMEOUT"]]);
});
