/** Sockets made of descriptors, and what else a socket may be made with. */
import { closeSync, openSync } from "node:fs";
import { close, pipe, socket as rawSocket } from "@cordage/ipc/sys";
import { createServer, EpollSelector, EVENT_READ, Socket, type SocketOptions, socketpair } from "@cordage/selectors";
import { thrownBy } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import { report } from "./support/fixture.js";
import { coded, listening, owned } from "./support/socket-kinds.js";

test("without options it is TCP over IPv4, and it blocks", () => {
  const socket = owned(new Socket());
  expect([socket.family, socket.type, socket.getTimeout(), socket.closed]).toEqual(["inet", "stream", null, false]);
  expect(socket.address()).toEqual(["0.0.0.0", 0]);
  expect(() => socket.peerAddress()).toThrow(
    "cannot give the peer's address: getpeername failed with ENOTCONN (the socket is not connected)",
  );
  for (const use of [() => socket.recv(1), () => socket.shutdown(2)]) expect(use).toThrow(coded("ENOTCONN"));
  expect(() => socket.send("x")).toThrow(coded("EPIPE"));
});

const kinds = (["inet", "inet6", "unix"] as const).flatMap((family) =>
  (["stream", "dgram"] as const).map((type) => ({ family, type })),
);
test.each([...kinds, { family: "unix", type: "seqpacket" } as const])("%j is a kind of socket", (kind) => {
  const socket = owned(new Socket(kind));
  expect(socket).toMatchObject(kind);
  const same = owned(new Socket({ fileno: owned(socket.dup()).detach() }));
  expect(same).toMatchObject(kind);
});

const refused: Array<[unknown, string, string]> = [
  [{ family: "inet5" }, "ERR_OUT_OF_RANGE", `family must be "unix", "inet" or "inet6", received 'inet5'`],
  [{ family: 2 }, "ERR_INVALID_ARG_TYPE", 'family must be "unix", "inet" or "inet6", received 2'],
  [{ type: "raw" }, "ERR_OUT_OF_RANGE", `type must be "stream", "dgram" or "seqpacket", received 'raw'`],
  [{ type: "toString" }, "ERR_OUT_OF_RANGE", `type must be "stream", "dgram" or "seqpacket", received 'toString'`],
  [{ type: 1 }, "ERR_INVALID_ARG_TYPE", 'type must be "stream", "dgram" or "seqpacket", received 1'],
  [{ fileno: -1 }, "ERR_OUT_OF_RANGE", "fileno must be a whole number from 0 to 2147483647, received -1"],
  [{ fileno: 1.5 }, "ERR_OUT_OF_RANGE", "fileno must be a whole number from 0 to 2147483647, received 1.5"],
  [{ fileno: "3" }, "ERR_INVALID_ARG_TYPE", "fileno must be a number, received '3'"],
  [{ fileno: 999_999 }, "EBADF", "getsockopt failed with EBADF"],
  [
    "inet",
    "ERR_INVALID_ARG_TYPE",
    'options must be an object like { family: "inet", type: "stream" }, received \'inet\'',
  ],
  [null, "ERR_INVALID_ARG_TYPE", 'options must be an object like { family: "inet", type: "stream" }, received null'],
];
test.each(refused)("%j is none", (options, code, reason) => {
  expect(thrownBy(() => new Socket(options as SocketOptions))).toMatchObject({
    code,
    message: `cannot make a socket: ${reason}`,
  });
});

test("a kind that the system has not is its error", () => {
  expect(thrownBy(() => new Socket({ type: "seqpacket" }))).toMatchObject({ name: "SystemError", syscall: "socket" });
  expect(thrownBy(() => socketpair({ type: "raw" as never }))).toMatchObject({
    code: "ERR_OUT_OF_RANGE",
    message: `cannot make a pair of sockets: type must be "stream", "dgram" or "seqpacket", received 'raw'`,
  });
});

test("a pipe and a file are no sockets, and stay their owner's", () => {
  const { reader, writer } = pipe();
  const file = openSync("/dev/null", "r");
  for (const fd of [reader, writer, file])
    expect(thrownBy(() => new Socket({ fileno: fd }))).toMatchObject({
      code: "ENOTSOCK",
      message: "cannot make a socket: getsockopt failed with ENOTSOCK (the descriptor is no socket)",
    });
  closeSync(file);
  for (const fd of [reader, writer]) close(fd);
});

test("a socket of another kind than these is refused, and stays its owner's", () => {
  const AF_NETLINK = 16;
  const fd = rawSocket(AF_NETLINK, 3);
  expect(() => new Socket({ fileno: fd })).toThrow("the descriptor is a socket of another family or type");
  close(fd);
});

test("a descriptor that does not block makes a socket that does not either", () => {
  const NONBLOCK = 0o4000;
  const socket = owned(new Socket({ fileno: rawSocket(2, 1 | NONBLOCK) }));
  expect([socket.getTimeout(), socket.getBlocking()]).toEqual([0, false]);
  const blocking = owned(new Socket({ fileno: rawSocket(2, 1) }));
  expect([blocking.getTimeout(), blocking.getBlocking()]).toEqual([null, true]);
});

test("a descriptor that somebody closed behind its back is EBADF, and closing the socket is no error", async () => {
  const syscalls = "recvfrom sendto bind connect accept4 ioctl getsockopt setsockopt getsockname shutdown".split(" ");
  expect(await report("closed-behind.mjs")).toEqual({
    failures: syscalls.map((syscall) => `SystemError EBADF ${syscall}`),
    shown: "<Socket fd=N family=inet type=dgram>",
    closed: true,
  });
});

test("somebody else who has the open file changes nothing about how long a call waits", () => {
  const [one, other] = socketpair().map(owned) as [Socket, Socket];
  // As a child would that has the socket as its stdin, or a program that has not heard of this package.
  const another = owned(new Socket({ fileno: owned(one.dup()).detach() }));
  another.setBlocking(true);
  one.setTimeout(5);
  another.setBlocking(true);
  expect(() => one.recv(1)).toThrow(coded("ERR_TIMEOUT"));
  one.setTimeout(null);
  another.setBlocking(false);
  other.sendAll("x");
  expect(String(one.recv(9))).toBe("x");
});

test.each(listening)(
  "a listener at %s that is closed while registered: who waits does not wait for it any more",
  async (_kind, address) => {
    const server = createServer(address());
    const other = owned(createServer(address()));
    using selector = new EpollSelector();
    selector.register(server, EVENT_READ);
    selector.register(other, EVENT_READ);
    const client = owned(new Socket({ family: server.family }));
    selector.unregister(server);
    server.close();
    client.connect(other.address());
    expect((await selector.selectAsync()).map(([key]) => key.fileobj)).toEqual([other]);
    owned(other.accept()[0]);
  },
);
