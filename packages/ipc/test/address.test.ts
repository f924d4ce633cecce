/** The forms in which users write addresses, and the one in which they are reported. */
import { networkInterfaces } from "node:os";
import { inetSockaddr, numericHost, parseAddress, reportAddress, unixSockaddr } from "@cordage/ipc/sys";
import { thrownBy } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import { run } from "./support/fixture.js";

const DOING = "use an address";
const inet = (host: string, port: number) => ({ host, port });

const forms: Array<[string, unknown, object]> = [
  ["a port", 80, inet("localhost", 80)],
  ["a pair, as in Python", ["example", 80], inet("example", 80)],
  ["four, as in Python for IPv6", ["::1", 80, 0, 0], inet("::1", 80)],
  ["four with a scope", ["fe80::1", 80, 0, 3], inet("fe80::1%3", 80)],
  ["four with a scope that the host names already", ["fe80::1%3", 80, 0, 3], inet("fe80::1%3", 80)],
  ["what node:net's connect takes", { host: "example", port: 80 }, inet("example", 80)],
  ["the same without a host", { port: 80 }, inet("localhost", 80)],
  ["the same with an undefined one", { host: undefined, port: 80 }, inet("localhost", 80)],
  ["what node:net's address() gives", { address: "::1", family: "IPv6", port: 80 }, inet("::1", 80)],
  ["a path, as node:net's connect takes it", { path: "/run/x" }, { family: "unix", path: "/run/x" }],
  ["a path", "/run/x", { family: "unix", path: "/run/x" }],
  ["an abstract name", "\0x", { family: "unix", path: "\0x" }],
];
test.each(forms)("%s is an address", (_form, address, parsed) => {
  expect(parseAddress(address, undefined, DOING)).toMatchObject(parsed);
});

const refused: Array<[unknown, string, string]> = [
  [["a\0b", 80], "ERR_OUT_OF_RANGE", "a host's name contains no NUL, received 'a\\x00b'"],
  [["127.0.0.1", 80, 0, 0], "ERR_OUT_OF_RANGE", "[host, port, 0, scope] is of IPv6 only, received '127.0.0.1'"],
  [["::1", 80, 7, 0], "ERR_OUT_OF_RANGE", "flows are not supported: flowinfo must be 0, received 7"],
  [["::1", 80, 0, -1], "ERR_OUT_OF_RANGE", "scopeId must be a whole number from 0 to 4294967295, received -1"],
  [["::1", 80, 0], "ERR_INVALID_ARG_TYPE", "an address is a path, a port, [host, port] or { host, port }"],
  [{ host: 5, port: 80 }, "ERR_INVALID_ARG_TYPE", "host must be a string, received 5"],
  [{ host: "x", port: "80" }, "ERR_INVALID_ARG_TYPE", "port must be a number, received '80'"],
  [{}, "ERR_INVALID_ARG_TYPE", "an address is a path, a port, [host, port] or { host, port }, received {}"],
];
test.each(refused)("%j is none", (address, code, reason) => {
  const error = thrownBy(() => parseAddress(address, undefined, DOING));
  expect(error.code).toBe(code);
  expect(error.message.startsWith(`cannot ${DOING}: ${reason}`)).toBe(true);
});

test.each(["::1", "::1:80", "fe80::1%eth0"])("%s could be an address with a port or without: it is refused", (text) => {
  expect(() => parseAddress(text, "inet6", DOING)).toThrow("an IPv6 address and a port are written [host]:port");
  expect(parseAddress(`[${text}]:80`, "inet6", DOING)).toMatchObject({ host: text, port: 80 });
});

test.each([
  "::",
  "::1",
  "fd00::1:0:0:2",
  "1:2:3:4:5:6:7:8",
  "::ffff:127.0.0.1",
  "::ffff:0.0.0.1",
  "fe80::1%1",
  "10.0.0.255",
])("%s is reported as it is written", (host) => {
  expect(reportAddress(inetSockaddr(host, 8080))).toEqual([host, 8080]);
});

test("an interface's name is its number; one that there is not, or no interface can have, is refused", () => {
  const [name, scopeid] = Object.entries(networkInterfaces())
    .flatMap(([name, ones]) => (ones ?? []).map((one) => [name, one.family === "IPv6" ? one.scopeid : 0] as const))
    .find(([, scope]) => scope) ?? ["1", 1];
  expect(reportAddress(inetSockaddr(`fe80::1%${name}`, 1))).toEqual([`fe80::1%${scopeid}`, 1]);
  const doing = "cannot use an IPv6 address:";
  expect(() => inetSockaddr("fe80::1%nowhere", 1)).toThrow(`${doing} it names an interface that has no link-local`);
  expect(() => inetSockaddr("fe80::1%4294967296", 1)).toThrow(`${doing} the scope must be a whole number from 0 to`);
});

test("everybody and nobody have numbers of IPv4 and IPv6 each; a broadcast is of IPv4", () => {
  expect(["inet", "inet6", undefined].map((family) => numericHost("", family as "inet"))).toEqual([
    "0.0.0.0",
    "::",
    "0.0.0.0",
  ]);
  expect([numericHost("<broadcast>", "inet"), numericHost("<broadcast>", "inet6")]).toEqual([
    "255.255.255.255",
    undefined,
  ]);
  expect(reportAddress(Buffer.alloc(0))).toBeUndefined();
  expect(["/run/x", "\0x"].map((path) => reportAddress(unixSockaddr(path)))).toEqual(["/run/x", "\0x"]);
});

test("a descriptor that a worker gave away outlives it", async () => {
  expect(await run("detach-in-thread.mjs")).toMatchObject({
    code: 0,
    stdout: "kept true\ndetached true\n",
    stderr: "",
  });
});
