/** CPython's sockets and ours talk with each other, each under the address that the other reports. */
import { type Address, createConnection, createServer, SHUT_WR, Socket } from "@cordage/selectors";
import { endLeftOver } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";
import { python } from "./support/python.js";
import { freshName, freshPath, owned } from "./support/socket-kinds.js";

afterAll(endLeftOver);

type Family = "inet" | "inet6" | "unix";
const places: Array<[string, Family, () => Address]> = [
  ["IPv4", "inet", () => ["127.0.0.1", 0]],
  ["IPv6", "inet6", () => ["::1", 0]],
  ["a unix path", "unix", freshPath],
  ["an abstract unix name", "unix", freshName],
];

/** Addresses in Python's form: for IPv6 there are two numbers more, an abstract name is bytes. */
const FORMS = `
def ours(a): return a.decode() if isinstance(a, bytes) else a if isinstance(a, str) else list(a[:2])
def theirs(a): return a if isinstance(a, str) else tuple(a)
FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "unix": socket.AF_UNIX}
`;

const CLIENT = `${FORMS}
family, address, own = args
s = socket.socket(FAMILIES[family])
if own: s.bind(theirs(own))
s.connect(theirs(address))
say([ours(s.getsockname()), ours(s.getpeername())])
s.sendall("größer".encode() * 100000)
s.shutdown(socket.SHUT_WR)
say(len(s.makefile("rb").read()))
`;

const SERVER = `${FORMS}
family, address = args
s = socket.create_server(theirs(address), family=FAMILIES[family]) if family != "unix" else socket.socket(socket.AF_UNIX)
if family == "unix": s.bind(address); s.listen()
say(s.getsockname().decode() if isinstance(s.getsockname(), bytes) else s.getsockname())
c, peer = s.accept()
say(ours(peer))
while data := c.recv(65536): c.sendall(data)
`;

const DATAGRAMS = `${FORMS}
family, address, own = args
s = socket.socket(FAMILIES[family], socket.SOCK_DGRAM)
s.bind(theirs(own))
say(ours(s.getsockname()))
s.sendto(b"ping", theirs(address))
data, sender = s.recvfrom(100)
say([data.decode(), ours(sender)])
`;

function end(socket: Socket): number {
  let length = 0;
  for (let data = socket.recv(1 << 16); data.length > 0; data = socket.recv(1 << 16)) length += data.length;
  return length;
}

test.each(places)("over %s a client of Python's is served", async (_kind, family, address) => {
  const server = owned(createServer(address()));
  const client = python(CLIENT, [family, server.address(), family === "unix" ? address() : null]);
  const [peer, from] = server.accept();
  const [its, ours] = await client.value();
  expect([from, peer.peerAddress(), ours]).toEqual([its, its, server.address()]);
  expect(end(owned(peer))).toBe(800_000);
  peer.sendAll(Buffer.alloc(300_000));
  peer.close();
  expect([await client.value(), await client.ended]).toEqual([300_000, 0]);
});

test.each(places)("over %s a server of Python's serves", async (_kind, family, address) => {
  const server = python(SERVER, [family, address()]);
  const where = await server.value(); // four of them, for IPv6
  const client = owned(createConnection(where));
  expect(await server.value()).toEqual(client.address());
  expect(client.peerAddress()).toEqual(typeof where === "string" ? where : where.slice(0, 2));
  client.sendAll("x".repeat(50_000));
  client.shutdown(SHUT_WR);
  expect(end(client)).toBe(50_000);
  expect(await server.ended).toBe(0);
});

test.each(places)("over %s datagrams go to and fro", async (_kind, family, address) => {
  const ours = owned(new Socket({ family, type: "dgram" }));
  ours.bind(address());
  const theirs = python(DATAGRAMS, [family, ours.address(), address()]);
  const its = await theirs.value();
  const [data, sender] = ours.recvFrom(100);
  expect([String(data), sender]).toEqual(["ping", its]);
  ours.sendTo("pong", sender as Address);
  expect(await theirs.value()).toEqual(["pong", ours.address()]);
  expect(await theirs.ended).toBe(0);
});
