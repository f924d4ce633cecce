/** Addresses: the forms in which they are given, names of hosts, scopes, and what is refused. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { inspect } from "node:util";
import { type Address, createConnection, createServer, Socket } from "@cordage/selectors";
import { thrownBy } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import { fixturePath } from "./support/fixture.js";
import { coded, freshName, freshPath, owned } from "./support/socket-kinds.js";

type Family = "inet" | "inet6" | "unix";
const path = freshPath();
const name = freshName();
const forms: Array<[Family, Address, unknown]> = [
  ["inet", ["127.0.0.1", 0], "127.0.0.1"],
  ["inet", ["127.1", 0], "127.0.0.1"],
  ["inet", ["", 0], "0.0.0.0"],
  ["inet", ["localhost", 0], "127.0.0.1"],
  ["inet", ["LocalHost", 0], "127.0.0.1"],
  ["inet", { host: "127.0.0.3", port: 0 }, "127.0.0.3"],
  ["inet", { address: "127.0.0.1", family: "IPv4", port: 0 } as Address, "127.0.0.1"],
  ["inet", { port: 0 }, "127.0.0.1"],
  ["inet", 0, "127.0.0.1"],
  ["inet", "localhost:0", "127.0.0.1"],
  ["inet6", ["::1", 0], "::1"],
  ["inet6", ["::1", 0, 0, 0], "::1"],
  ["inet6", ["0:0:0:0:0:0:0:1", 0], "::1"],
  ["inet6", ["", 0], "::"],
  ["inet6", ["localhost", 0], "::1"],
  ["inet6", "[::1]:0", "::1"],
  ["inet6", ["::ffff:127.0.0.1", 0], "::ffff:127.0.0.1"],
  ["inet6", 0, "::1"],
  ["unix", path, path],
  ["unix", { path: `${path}-2` }, `${path}-2`],
  ["unix", name, name],
  ["unix", `${name}-größer`, `${name}-größer`],
];
test.each(forms)("of family %s, %j is an address", (family, address, host) => {
  const socket = owned(new Socket({ family }));
  socket.bind(address);
  const own = socket.address();
  expect(own).toEqual(family === "unix" ? host : [host, expect.any(Number)]);
  if (family !== "unix") expect(own[1]).toBeGreaterThan(0);
});

const refused: Array<[Family, unknown, string, string]> = [
  ["inet", ["::1", 0], "ERR_OUT_OF_RANGE", 'the address is not one of family "inet"'],
  ["inet6", ["127.0.0.1", 0], "ERR_OUT_OF_RANGE", 'the address is not one of family "inet6"'],
  ["unix", ["127.0.0.1", 0], "ERR_OUT_OF_RANGE", 'the address is not one of family "unix"'],
  ["inet", { path: "/x" }, "ERR_OUT_OF_RANGE", 'the address is not one of family "inet"'],
  ["inet", "/a/path", "ERR_OUT_OF_RANGE", 'an address of family "inet" is [host, port] or "host:port"'],
  ["inet", "", "ERR_OUT_OF_RANGE", 'an address of family "inet" is [host, port] or "host:port"'],
  ["inet", "host:port", "ERR_OUT_OF_RANGE", "port must be a whole number from 0 to 65535"],
  ["inet", ["127.0.0.1", 65_536], "ERR_OUT_OF_RANGE", "port must be a whole number from 0 to 65535"],
  ["inet", ["127.0.0.1", -1], "ERR_OUT_OF_RANGE", "port must be a whole number from 0 to 65535"],
  ["inet", ["127.0.0.1", 1.5], "ERR_OUT_OF_RANGE", "port must be a whole number from 0 to 65535"],
  ["inet", ["127.0.0.1", "80"], "ERR_INVALID_ARG_TYPE", "port must be a number"],
  ["inet", [0x7f000001, 80], "ERR_INVALID_ARG_TYPE", "host must be a string"],
  ["inet", ["127.0.0.1"], "ERR_INVALID_ARG_TYPE", "an address is a path, a port, [host, port] or { host, port }"],
  ["inet", null, "ERR_INVALID_ARG_TYPE", "an address is a path, a port, [host, port] or { host, port }"],
  ["inet", undefined, "ERR_INVALID_ARG_TYPE", "an address is a path, a port, [host, port] or { host, port }"],
  ["inet6", "::1", "ERR_OUT_OF_RANGE", "an IPv6 address and a port are written [host]:port"],
  ["inet6", ["<broadcast>", 0], "ENOTFOUND", "no host of that name is known"],
  ["inet", ["x..y", 0], "ENOTFOUND", "no host of that name is known"],
  ["inet", ["a\0b", 0], "ERR_OUT_OF_RANGE", "a host's name contains no NUL"],
  ["unix", "", "ERR_OUT_OF_RANGE", "a path has 1 to 107 bytes"],
  ["unix", "/".repeat(108), "ERR_OUT_OF_RANGE", "a path has 1 to 107 bytes"],
  ["unix", `\0${"x".repeat(108)}`, "ERR_OUT_OF_RANGE", "a path has 1 to 108 bytes"],
  ["unix", "a\0b", "ERR_OUT_OF_RANGE", "a path contains no NUL, except an abstract one in front"],
];
test.each(refused)("of family %s, %j is refused", (family, address, code, reason) => {
  const socket = owned(new Socket({ family, type: "dgram" }));
  const uses: Array<[string, () => unknown]> = [
    ["bind the socket", () => socket.bind(address as Address)],
    ["connect the socket", () => socket.connect(address as Address)],
    ["send to the socket", () => socket.sendTo("x", address as Address)],
  ];
  for (const [doing, use] of uses) {
    const error = thrownBy(use);
    expect(error.code).toBe(code);
    expect(error.message.startsWith(`cannot ${doing}: ${reason}, received `)).toBe(true);
  }
  expect(socket.address()).toEqual(family === "unix" ? "" : [family === "inet" ? "0.0.0.0" : "::", 0]);
});

test("the longest paths and names are addresses", () => {
  for (const longest of [path.padEnd(107, "x"), `${name}-`.padEnd(108, "x")]) {
    const server = owned(createServer(longest));
    expect(server.address()).toBe(longest);
    expect(owned(createConnection(longest)).peerAddress()).toBe(longest);
  }
});

test("an address that this machine has not cannot be bound; what the system knows stays in the error", () => {
  const error = thrownBy(() => owned(new Socket()).bind(["203.0.113.1", 0]));
  expect(error).toMatchObject({ name: "SystemError", code: "EADDRNOTAVAIL", errno: -99, syscall: "bind" });
  const reason = "bind failed with EADDRNOTAVAIL (this machine has no such address)";
  expect(error.message).toBe(`cannot bind the socket: ${reason}, received [ '203.0.113.1', 0 ]`);
});

test("a host that is not known is an error of the resolver's", () => {
  expect(thrownBy(() => createConnection(["x..y", 80]))).toMatchObject({
    name: "SystemError",
    code: "ENOTFOUND",
    errno: -3008,
    syscall: "getaddrinfo",
    message: "cannot connect the socket: no host of that name is known, received 'x..y'",
  });
});

const named = readFileSync("/etc/hosts", "utf8")
  .split("\n")
  .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
  .filter(([address]) => address === "127.0.0.1")
  .flatMap(([, ...hosts]) => hosts);
test.each(named)("%s, of /etc/hosts, is this host", (host) => {
  const server = owned(createServer([host, 0]));
  const [, port] = server.address() as [string, number];
  expect(owned(createConnection([host, port])).peerAddress()).toEqual(["127.0.0.1", port]);
});

/** An /etc/hosts of its own, in a namespace of its own, which takes root. */
const INSIDE = ["--mount", "bash", "-c", 'mount --bind "$1" /etc/hosts && shift && exec "$@"', "bash"];
const privileged = spawnSync("unshare", [...INSIDE, "/etc/hosts", "true"]).status === 0;
(privileged ? test : test.skip)("createConnection tries one address of a host after the other", () => {
  const hosts = freshPath();
  writeFileSync(
    hosts,
    ["127.0.0.1", "127.0.0.5", "127.0.0.6", "::1"].map((address) => `${address} several\n`).join(""),
  );
  const program = [process.execPath, fixturePath("connect-to-several.mjs")];
  const { status, stdout, stderr } = spawnSync("unshare", [...INSIDE, hosts, ...program], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toEqual({
    reached: ["127.0.0.1", "127.0.0.5", "127.0.0.6", "::1"],
    nowhere: "ECONNREFUSED",
    sourced: "127.0.0.1",
  });
});

const linkLocal = Object.entries(networkInterfaces())
  .flatMap(([name, ones]) => (ones ?? []).map((one) => ({ ...one, name })))
  .find((one) => one.family === "IPv6" && one.address.startsWith("fe80"));
(linkLocal ? test : test.skip)(
  "a link-local address needs its interface, by name, by number or as Python writes it",
  () => {
    const { address, name, scopeid } = linkLocal as typeof linkLocal & { scopeid: number };
    expect(() => createServer([address, 0])).toThrow(coded("EINVAL"));
    const server = owned(createServer([`${address}%${name}`, 0]));
    const [host, port] = server.address() as [string, number];
    expect(host).toBe(`${address}%${scopeid}`);
    for (const form of [[host, port], [`${address}%${name}`, port], [address, port, 0, scopeid], `[${host}]:${port}`])
      expect(owned(createConnection(form as Address)).peerAddress()).toEqual([host, port]);
  },
);

test("a scope is of an interface that there is", () => {
  const socket = owned(new Socket({ family: "inet6" }));
  expect(() => socket.bind(["fe80::1%nowhere", 0])).toThrow("it names an interface that has no link-local address");
  expect(() => socket.bind(["fe80::1%4294967296", 0])).toThrow(coded("ERR_OUT_OF_RANGE"));
});

test("a socket shows itself", () => {
  const server = owned(createServer(["127.0.0.1", 0]));
  const client = owned(createConnection(server.address()));
  const [port, own] = [server, client].map((one) => (one.address() as [string, number])[1]);
  const shown = `fd=${client.fileno()} family=inet type=stream local=127.0.0.1:${own} peer=127.0.0.1:${port}`;
  expect([String(client), inspect(client), inspect({ client })]).toEqual([
    `<Socket ${shown}>`,
    `<Socket ${shown}>`,
    `{\n  client: <Socket ${shown}>\n}`,
  ]);
  expect(String(server)).toBe(`<Socket fd=${server.fileno()} family=inet type=stream local=127.0.0.1:${port}>`);
  const six = owned(createServer(["::1", 0]));
  expect(String(six)).toContain(`local=[::1]:${six.address()[1]}`);
  const unix = owned(new Socket({ family: "unix", type: "dgram" }));
  expect(String(unix)).toBe(`<Socket fd=${unix.fileno()} family=unix type=dgram local="">`);
  const abstract = freshName();
  unix.bind(abstract);
  expect(String(unix)).toContain(`local=${JSON.stringify(abstract)}>`);
});
