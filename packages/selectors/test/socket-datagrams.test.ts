/** Sockets that send whole messages: UDP over IPv4 and IPv6, unix datagrams and SOCK_SEQPACKET. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  type Address,
  BlockingIOError,
  ConnectionRefusedError,
  EpollSelector,
  EVENT_READ,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  Socket,
  socketpair,
} from "@cordage/selectors";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { arrived, coded, freshName, freshPath, owned, patiences } from "./support/socket-kinds.js";

const places: Array<[kind: string, family: "inet" | "inet6" | "unix", address: () => Address]> = [
  ["UDP over IPv4", "inet", () => ["127.0.0.1", 0]],
  ["UDP over IPv6", "inet6", () => ["::1", 0]],
  ["unix datagrams at a path", "unix", freshPath],
  ["unix datagrams at an abstract name", "unix", freshName],
];

describe.each(places)("%s", (_kind, family, address) => {
  const bound = (): Socket => {
    const socket = owned(new Socket({ family, type: "dgram" }));
    socket.bind(address());
    return socket;
  };

  describe.each(patiences)("%s", (_patience, timeout) => {
    function pair(): [Socket, Socket] {
      const both: [Socket, Socket] = [bound(), bound()];
      for (const socket of both) socket.setTimeout(timeout);
      return both;
    }

    test("messages arrive whole, with their sender, and the empty one is one of them", () => {
      const [ours, theirs] = pair();
      for (const text of ["hello", "", "größer"])
        expect(theirs.sendTo(text, ours.address())).toBe(Buffer.byteLength(text));
      const received = [1, 2, 3].map(() => arrived(ours).recvFrom(100));
      const from = theirs.address();
      expect(received.map(([data, sender]) => [String(data), sender])).toEqual(
        ["hello", "", "größer"].map((t) => [t, from]),
      );
    });

    test("what does not fit is cut off, and MSG_TRUNC tells the whole length, of nobody else's bytes", () => {
      const [ours, theirs] = pair();
      for (let i = 0; i < 7; i++) theirs.sendTo("0123456789", ours.address());
      expect(String(arrived(ours).recv(4))).toBe("0123");
      expect(String(arrived(ours).recv(4, MSG_TRUNC))).toBe("0123");
      const into = Buffer.alloc(3);
      expect([arrived(ours).recvInto(into, 3, MSG_TRUNC), String(into)]).toEqual([10, "012"]);
      expect(arrived(ours).recvInto(into, 0, MSG_PEEK | MSG_TRUNC)).toBe(10);
      expect(arrived(ours).recvFromInto(into, 2, MSG_TRUNC | MSG_PEEK)).toEqual([10, theirs.address()]);
      const [data, from] = arrived(ours).recvFrom(2, MSG_TRUNC);
      expect([String(data), from]).toEqual(["01", theirs.address()]);
      expect(String(arrived(ours).recv(100, MSG_PEEK))).toBe("0123456789");
      expect(String(arrived(ours).recv(100, MSG_WAITALL))).toBe("0123456789");
      expect([ours.recv(0).length, String(arrived(ours).recv(100))]).toEqual([0, "0123456789"]);
      expect(String(arrived(ours).recv(100))).toBe("0123456789");
      expect(() => ours.recv(1, MSG_DONTWAIT)).toThrow(coded("EAGAIN"));
    });

    test("a connected one sends to its peer, and hears only him", () => {
      const [ours, theirs] = pair();
      const stranger = bound();
      ours.connect(theirs.address());
      expect(ours.peerAddress()).toEqual(theirs.address());
      expect(ours.send("to the peer")).toBe(11);
      ours.sendAll("and more");
      ours.sendAll("");
      expect([1, 2, 3].map(() => String(arrived(theirs).recv(99)))).toEqual(["to the peer", "and more", ""]);
      if (family === "unix") expect(() => stranger.sendTo("x", ours.address())).toThrow(coded("EPERM"));
      else stranger.sendTo("x", ours.address());
      theirs.sendTo("from the peer", ours.address());
      expect(String(arrived(ours).recv(99))).toBe("from the peer");
      expect(() => ours.recv(99, MSG_DONTWAIT)).toThrow(coded("EAGAIN"));
    });

    test("without a peer, an address or a possible length nothing is sent", () => {
      const [ours, theirs] = pair();
      const noAddress = thrownBy(() => ours.send("x"));
      expect(noAddress.code).toBe(family === "unix" ? "ENOTCONN" : "EDESTADDRREQ");
      expect(noAddress.message).toMatch(
        /^cannot send to the socket: sendto failed with E[A-Z]+ \(the socket is not connected/,
      );
      const long = thrownBy(() => ours.sendTo(Buffer.alloc(1 << 20), theirs.address()));
      expect(long).toMatchObject({ code: "EMSGSIZE", syscall: "sendto" });
      expect(long.message).toBe("cannot send to the socket: sendto failed with EMSGSIZE (the datagram is too long)");
      expect(() => ours.sendTo("x", 5.5 as never)).toThrow(coded("ERR_OUT_OF_RANGE"));
      expect(() => ours.sendTo(5 as never, theirs.address())).toThrow(coded("ERR_INVALID_ARG_TYPE"));
    });
  });

  test("nobody at the peer's address is told to whoever goes on", () => {
    const [ours, gone] = [bound(), bound()];
    ours.connect(gone.address());
    gone.close();
    const refused = thrownBy(() => {
      for (;;) ours.send("x");
    });
    expect(refused).toBeInstanceOf(ConnectionRefusedError);
    expect(refused).toMatchObject({ code: "ECONNREFUSED", syscall: "sendto" });
  });

  test("waiting for a message ends with the timeout", () => {
    const ours = bound();
    ours.setTimeout(5);
    for (const wait of [() => ours.recv(9), () => ours.recvFrom(9), () => ours.recvFromInto(Buffer.alloc(1))])
      expect(wait).toThrow(coded("ERR_TIMEOUT"));
    ours.setBlocking(false);
    for (const wait of [() => ours.recv(9), () => ours.recvFrom(9), () => ours.recvFromInto(Buffer.alloc(1))])
      expect(thrownBy(wait)).toBeInstanceOf(BlockingIOError);
  });
});

test("the longest datagram of UDP arrives whole", () => {
  const [one, other] = [0, 0].map(() => owned(new Socket({ type: "dgram" }))) as [Socket, Socket];
  for (const socket of [one, other]) socket.bind("127.0.0.1:0");
  const data = Buffer.alloc(65_507, "long");
  expect(one.sendTo(data, other.address())).toBe(65_507);
  expect(other.recv(1 << 17).equals(data)).toBe(true);
});

test.each(["dgram", "seqpacket"] as const)("a pair of type %s keeps messages apart", (type) => {
  const [one, other] = socketpair({ type }).map(owned) as [Socket, Socket];
  expect([one.type, other.type, one.family]).toEqual([type, type, "unix"]);
  for (const text of ["a", "bc", "def"]) one.sendAll(text);
  expect([other.recv(9), other.recv(1), other.recv(9)].map(String)).toEqual(["a", "b", "def"]);
  one.close();
  if (type === "seqpacket") expect(other.recv(9).length).toBe(0);
});

test("a full queue of unix datagrams: who may wait does, who may not gets EAGAIN", () => {
  const [one, other] = socketpair({ type: "dgram" }).map(owned) as [Socket, Socket];
  one.setBlocking(false);
  const full = thrownBy(() => {
    for (;;) one.send("x");
  });
  expect(full).toBeInstanceOf(BlockingIOError);
  one.setTimeout(5);
  expect(() => one.send("x")).toThrow(coded("ERR_TIMEOUT"));
  expect(String(other.recv(9))).toBe("x");
});

test("broadcasts need the option; everybody of this machine's network hears them then", () => {
  const sender = owned(new Socket({ type: "dgram" }));
  const receiver = owned(new Socket({ type: "dgram" }));
  receiver.bind(["", 0]);
  const [, port] = receiver.address() as [string, number];
  for (const everybody of ["<broadcast>", "255.255.255.255", "127.255.255.255"])
    expect(() => sender.sendTo("x", [everybody, port])).toThrow(coded("EACCES"));
  sender.setOption("broadcast", true);
  expect(sender.getOption("broadcast")).toBe(true);
  expect(sender.sendTo("to all", ["127.255.255.255", port])).toBe(6);
  expect(String(receiver.recv(99))).toBe("to all");
  const named = owned(new Socket({ type: "dgram" }));
  named.bind(["<broadcast>", 0]);
  expect((named.address() as [string, number])[0]).toBe("255.255.255.255");
});

test("node:dgram talks with it, each under the address that the other reports", async () => {
  const ours = owned(new Socket({ type: "dgram" }));
  ours.bind(["127.0.0.1", 0]);
  ours.setBlocking(false);
  const nodes = createSocket("udp4").bind(0, "127.0.0.1");
  await once(nodes, "listening");
  ours.sendTo("ping", nodes.address());
  const [data, from] = await once(nodes, "message");
  expect([String(data), [from.address, from.port]]).toEqual(["ping", ours.address()]);
  nodes.send("pong", from.port, from.address);
  using selector = new EpollSelector();
  selector.register(ours, EVENT_READ);
  await selector.selectAsync();
  const [answer, sender] = ours.recvFrom(99);
  expect([String(answer), sender]).toEqual(["pong", ["127.0.0.1", nodes.address().port]]);
  nodes.close();
});
