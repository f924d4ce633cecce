/** How connections come to be: listening, connecting and accepting, of every kind and with every patience. */
import { once } from "node:events";
import net from "node:net";
import { constants } from "node:os";
import { inspect } from "node:util";
import {
  type Address,
  BlockingIOError,
  ConnectionRefusedError,
  createConnection,
  createServer,
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  Socket,
} from "@cordage/selectors";
import { thrownBy, until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { start } from "./support/fixture.js";
import { sleeps } from "./support/interrupt.js";
import { arrived, coded, freshPath, listening, owned, patiences } from "./support/socket-kinds.js";

const { EAGAIN, EALREADY, ECONNREFUSED, EINPROGRESS, EISCONN, ENOENT } = constants.errno;

/** A listener nobody can connect to for now: what waits to be accepted is as much as there is room for. */
function crowded(address: Address): { server: Socket; waiting: Socket[] } {
  const server = owned(createServer(address, { backlog: 0 }));
  return { server, waiting: [owned(createConnection(server.address()))] };
}

describe.each(listening)("%s", (kind, address) => {
  const unix = kind.includes("unix");
  const like = (server: Socket): Socket => owned(new Socket({ family: server.family }));

  test.each(patiences)("who connects %s is accepted, and both know each other's address", (_patience, timeout) => {
    const server = owned(createServer(address()));
    const client = like(server);
    client.setTimeout(timeout);
    if (timeout === 0) connectWithoutWaiting(client, server.address());
    else client.connect(server.address());
    server.setTimeout(timeout);
    const [peer, from] = arrived(server).accept();
    owned(peer);
    expect(client.peerAddress()).toEqual(server.address());
    expect(peer.address()).toEqual(server.address());
    expect(peer.peerAddress()).toEqual(client.address());
    expect(from).toEqual(client.address());
    expect([peer.family, peer.type, peer.getTimeout()]).toEqual([server.family, "stream", null]);
    // Linux says once more that it went well, where nobody has asked connect(2) for that yet.
    expect([0, EISCONN]).toContain(client.connectEx(server.address()));
    expect(thrownBy(() => client.connect(server.address()))).toMatchObject({ code: "EISCONN", errno: -EISCONN });
    expect(client.connectEx(server.address())).toBe(EISCONN);
  });

  function connectWithoutWaiting(client: Socket, where: Address): void {
    const result = client.connectEx(where);
    expect([0, EINPROGRESS]).toContain(result);
    using selector = new EpollSelector();
    selector.register(client, EVENT_WRITE);
    selector.select();
    expect(client.getOption("error")).toBe(0);
  }

  test("accept waits as long as its patience goes", () => {
    const server = owned(createServer(address()));
    server.setBlocking(false);
    const error = thrownBy(() => server.accept());
    expect(error).toBeInstanceOf(BlockingIOError);
    expect(error).toMatchObject({ code: "EAGAIN", errno: -EAGAIN, syscall: "accept4" });
    expect(error.message).toBe(
      "cannot accept a connection: accept4 failed with EAGAIN (it would have to wait, which it is not to do)",
    );
    server.setTimeout(10);
    expect(thrownBy(() => server.accept())).toMatchObject({
      name: "TimeoutError",
      code: "ERR_TIMEOUT",
      message: "cannot accept a connection: the timeout passed first",
    });
    owned(createConnection(server.address()));
    owned(arrived(server).accept()[0]);
  });

  test("connecting to a full backlog: not at all, for a while, and then it works", () => {
    const { server, waiting } = crowded(address());
    const impatient = like(server);
    impatient.setBlocking(false);
    const first = thrownBy(() => impatient.connect(server.address()));
    expect(first).toBeInstanceOf(BlockingIOError);
    expect(first.code).toBe(unix ? "EAGAIN" : "EINPROGRESS");
    expect(impatient.connectEx(server.address())).toBe(unix ? EAGAIN : EALREADY);
    const patient = like(server);
    patient.setTimeout(20);
    expect(thrownBy(() => patient.connect(server.address()))).toMatchObject({
      code: "ERR_TIMEOUT",
      message: "cannot connect the socket: the timeout passed first",
    });
    const other = like(server);
    other.setTimeout(5);
    expect(other.connectEx(server.address())).toBe(EAGAIN);
    for (const socket of [impatient, patient, other]) socket.close();
    owned(server.accept()[0]);
    const lucky = like(server);
    lucky.connect(server.address());
    expect(waiting[0]!.peerAddress()).toEqual(lucky.peerAddress());
  });

  test.each(patiences.slice(0, 2))(
    "who waits for room in the backlog (%s) gets in once there is some",
    async (_p, timeout) => {
      const { server } = crowded(address());
      const child = start("connect-and-greet.mjs", [JSON.stringify(server.address()), server.family, String(timeout)]);
      expect(await child.line()).toBe("connecting");
      await until(() => sleeps(child.child.pid!));
      owned(server.accept()[0]);
      const [peer] = server.accept();
      expect(String(owned(peer).recv(100))).toBe("hello");
      expect(await child.ended).toMatchObject({ code: 0, stderr: "" });
    },
  );

  test.each(patiences)("nobody there: refused (%s)", async (_patience, timeout) => {
    const gone = owned(createServer(address()));
    const where = gone.address();
    gone.close();
    const [client, other] = [like(gone), like(gone)];
    for (const socket of [client, other]) socket.setTimeout(timeout);
    if (timeout === 0 && !unix) {
      expect(client.connectEx(where)).toBe(EINPROGRESS);
      using selector = new EpollSelector();
      selector.register(client, EVENT_WRITE);
      await selector.selectAsync();
      expect(client.getOption("error")).toBe(ECONNREFUSED);
    } else {
      const error = thrownBy(() => client.connect(where));
      expect(error).toBeInstanceOf(ConnectionRefusedError);
      expect(error).toMatchObject({ code: "ECONNREFUSED", errno: -ECONNREFUSED, syscall: "connect" });
      const reason = "connect failed with ECONNREFUSED (nobody listens there)";
      expect(error.message).toBe(`cannot connect the socket: ${reason}, received ${inspect(where)}`);
      expect(other.connectEx(where)).toBe(ECONNREFUSED);
    }
    expect(() => createConnection(where)).toThrow(coded("ECONNREFUSED"));
  });

  test("an address that somebody uses cannot be bound again", () => {
    const server = owned(createServer(address()));
    const error = thrownBy(() => createServer(server.address()));
    expect(error).toMatchObject({ name: "SystemError", code: "EADDRINUSE", syscall: "bind" });
    expect(error.message).toMatch(
      /^cannot bind the socket: bind failed with EADDRINUSE \(somebody uses that address\), received/,
    );
    expect(() => server.bind(server.address())).toThrow(/EINVAL|EADDRINUSE/);
  });

  // Node 20 fills an abstract name up with zeros: it means another one then.
  if (kind === "an abstract unix name") return;
  test("sockets of node:net connect, and are connected to", async () => {
    const server = owned(createServer(address()));
    const client = net.connect(
      unix ? { path: server.address() as string } : { port: server.address()[1] as number, host: server.address()[0] },
    );
    await once(client, "connect"); // until its next tick it has not begun
    const [peer] = server.accept();
    peer.sendAll("from ours");
    expect(String((await once(client, "data"))[0])).toBe("from ours");
    client.end("from node's");
    expect(String(owned(peer).recv(100))).toBe("from node's");
    peer.close();
    await once(client, "close");

    const nodes = net
      .createServer((socket) => socket.end("welcome"))
      .listen(unix ? { path: freshPath() } : { port: 0, host: server.address()[0] });
    await once(nodes, "listening");
    const ours = owned(createConnection(nodes.address() as net.AddressInfo | string));
    ours.setBlocking(false);
    using selector = new EpollSelector();
    selector.register(ours, EVENT_READ);
    await selector.selectAsync();
    expect(String(ours.recv(100))).toBe("welcome");
    nodes.close();
  });
});

test("a unix path that is not there is ENOENT, in every patience", () => {
  for (const [, timeout] of patiences) {
    const client = owned(new Socket({ family: "unix" }));
    client.setTimeout(timeout);
    const path = freshPath();
    expect(thrownBy(() => client.connect(path))).toMatchObject({
      code: "ENOENT",
      message: `cannot connect the socket: connect failed with ENOENT (it does not exist), received '${path}'`,
    });
    expect(client.connectEx(path)).toBe(ENOENT);
  }
  expect(() => createServer("/nowhere/at/all")).toThrow(coded("ENOENT"));
});

test("connectEx throws for what is wrong with the address, as Python's does", () => {
  const client = owned(new Socket());
  expect(() => client.connectEx(["x..y", 80])).toThrow(coded("ENOTFOUND"));
  expect(() => client.connectEx(["127.0.0.1", 70_000])).toThrow(coded("ERR_OUT_OF_RANGE"));
  expect(() => client.connectEx("nonsense")).toThrow(coded("ERR_OUT_OF_RANGE"));
});

test("what went wrong with a connection that went on by itself is its error, once", async () => {
  const { server } = crowded(["127.0.0.1", 0]);
  const client = owned(new Socket());
  client.setBlocking(false);
  expect(client.connectEx(server.address())).toBe(EINPROGRESS);
  server.close();
  using selector = new EpollSelector();
  selector.register(client, EVENT_WRITE);
  expect((await selector.selectAsync())[0]![1]).toBe(EVENT_WRITE);
  expect([client.getOption("error"), client.getOption("error")]).toEqual([ECONNREFUSED, 0]);
});

test("who does not listen accepts nobody, and a datagram socket cannot listen", () => {
  expect(thrownBy(() => owned(new Socket()).accept())).toMatchObject({
    code: "EINVAL",
    message: "cannot accept a connection: accept4 failed with EINVAL",
  });
  expect(() => owned(new Socket({ type: "dgram" })).listen()).toThrow(coded("ENOTSUP"));
  for (const [backlog, code] of [
    [-1, "ERR_OUT_OF_RANGE"],
    [65_536, "ERR_OUT_OF_RANGE"],
    ["1", "ERR_INVALID_ARG_TYPE"],
  ] as const)
    expect(() => owned(new Socket()).listen(backlog as number)).toThrow(coded(code));
});

test("an IPv6 server takes IPv4 too, if it is to", () => {
  const both = owned(createServer(["", 0], { dualStack: true }));
  const [, port] = both.address() as [string, number];
  expect([both.family, both.address()]).toEqual(["inet6", ["::", port]]);
  for (const [host, seen] of [
    ["127.0.0.1", "::ffff:127.0.0.1"],
    ["::1", "::1"],
  ] as const) {
    const client = owned(createConnection([host, port]));
    const [peer, from] = both.accept();
    owned(peer);
    expect([from, peer.address()]).toEqual([
      [seen, (client.address() as [string, number])[1]],
      [seen, port],
    ]);
    expect(owned(createConnection([seen, port])).peerAddress()).toEqual([seen, port]);
    owned(both.accept()[0]);
  }
  const six = owned(createServer(["::", 0]));
  const [, onlySix] = six.address() as [string, number];
  expect(six.getOption("ipv6Only")).toBe(true);
  expect(() => createConnection(["127.0.0.1", onlySix])).toThrow(coded("ECONNREFUSED"));
  owned(createConnection(["::1", onlySix]));
});

test("two servers share a port, and each connection is one's", () => {
  const options = { reusePort: true };
  const one = owned(createServer(["127.0.0.1", 0], options));
  const other = owned(createServer(one.address(), options));
  expect(() => createServer(one.address())).toThrow(coded("EADDRINUSE"));
  const clients = Array.from({ length: 40 }, () => owned(createConnection(one.address())));
  const accepted = new Map<Socket, unknown[]>();
  using selector = new EpollSelector<unknown[], Socket>();
  for (const server of [one, other]) accepted.set(server, selector.register(server, EVENT_READ, []).data);
  for (let count = 0; count < clients.length; )
    for (const [{ fileobj, data }] of selector.select())
      count = data.push(owned(fileobj.accept()[0]).peerAddress()) && count + 1;
  const ports = (addresses: unknown[]) => addresses.map(String).sort();
  expect(ports([...accepted.values()].flat())).toEqual(ports(clients.map((client) => client.address())));
  expect([...accepted.values()].every((some) => some.length > 0)).toBe(true);
});

test("a port can be bound again at once, though connections of its last server linger", () => {
  const server = owned(createServer(["127.0.0.1", 0]));
  const client = owned(createConnection(server.address()));
  const [peer] = server.accept();
  peer.close(); // first: its side keeps the address for a while
  client.close();
  const where = server.address();
  server.close();
  owned(createServer(where));
});

test("createConnection binds to a source, keeps the timeout, and closes what came to nothing", () => {
  const server = owned(createServer(["127.0.0.1", 0]));
  const client = owned(createConnection(server.address(), { timeout: 5000, sourceAddress: ["127.0.0.2", 0] }));
  expect([client.getTimeout(), (client.address() as [string, number])[0]]).toEqual([5000, "127.0.0.2"]);
  expect((owned(server.accept()[0]).peerAddress() as [string, number])[0]).toBe("127.0.0.2");
  expect(() => createConnection(server.address(), { sourceAddress: ["203.0.113.1", 0] })).toThrow(
    coded("EADDRNOTAVAIL"),
  );
  expect(() => createConnection(server.address(), { timeout: "1" as never })).toThrow(coded("ERR_INVALID_ARG_TYPE"));
  const { server: full } = crowded(["127.0.0.1", 0]);
  expect(() => createConnection(full.address(), { timeout: 10 })).toThrow(coded("ERR_TIMEOUT"));
});

test("texts are a host and a port, or a path", () => {
  for (const [text, family] of [
    ["127.0.0.1:0", "inet"],
    ["localhost:0", "inet"],
    ["[::1]:0", "inet6"],
    [freshPath(), "unix"],
  ]) {
    const server = owned(createServer(text!));
    expect(server.family).toBe(family);
    const where = server.address();
    const shown =
      typeof where === "string" ? where : where[0].includes(":") ? `[${where[0]}]:${where[1]}` : where.join(":");
    expect(owned(createConnection(shown)).peerAddress()).toEqual(where);
  }
  const { port } = { port: owned(createServer(0)).address()[1] as number };
  expect(owned(createConnection(port)).peerAddress()).toEqual(["127.0.0.1", port]);
  expect(owned(createConnection({ port })).peerAddress()).toEqual(["127.0.0.1", port]);
});

test("options that are none, or do not go with the address, are refused", () => {
  expect(thrownBy(() => createServer(0, 5 as never))).toMatchObject({
    code: "ERR_INVALID_ARG_TYPE",
    message: "cannot make a server: options must be an object like { backlog: 128 }, received 5",
  });
  expect(thrownBy(() => createConnection(0, null as never))).toMatchObject({
    code: "ERR_INVALID_ARG_TYPE",
    message:
      "cannot connect the socket: options must be an object like { timeout: 1000 } (milliseconds), received null",
  });
  for (const address of [["127.0.0.1", 0], freshPath()] as const)
    expect(thrownBy(() => createServer(address, { dualStack: true }))).toMatchObject({
      code: "ERR_OUT_OF_RANGE",
      message: expect.stringMatching(/^cannot make a server: dualStack is of IPv6 addresses only, received /),
    });
  expect(() => createServer(0, { backlog: -1 })).toThrow(coded("ERR_OUT_OF_RANGE"));
});
