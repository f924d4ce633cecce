/** Addresses of sockets: what users write, and the kernel's sockaddr (unix(7), ip(7), ipv6(7)). */
import { randomBytes } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { invalidType, outOfRange } from "../errors.js";
import { integerOf } from "./options.js";
import { AF_INET, AF_INET6, AF_UNIX } from "./sys/constants.js";

export type AddressFamily = "unix" | "inet" | "inet6";

/**
 * Where a listener is: a path; an abstract name ("\0name", Linux only, leaves no file); or host and port, also as
 * node:net takes and gives them, or as Python's sockets of IPv6 do. A port alone is one of this host only. A link-local host names its
 * interface: "fe80::1%eth0".
 */
export type Address =
  | string
  | number
  | readonly [host: string, port: number]
  | readonly [host: string, port: number, flowinfo: number, scopeId: number]
  | { host?: string; port: number }
  | { address: string; port: number }
  | { path: string };

/** An address as it is reported: a path or abstract name, or host and port. */
export type ReportedAddress = string | [host: string, port: number];

export type ParsedAddress =
  | { readonly family: "unix"; readonly path: string }
  | { readonly family: "inet" | "inet6" | undefined; readonly host: string; readonly port: number };

const DOMAINS = { unix: AF_UNIX, inet: AF_INET, inet6: AF_INET6 };
const LONGEST_PATH = 107;
const HIGHEST_SCOPE = 0xffffffff;
/** Whom a port alone belongs to. */
const THIS_HOST = "localhost";

export function domainOf(family: AddressFamily): number {
  return DOMAINS[family];
}

export function checkFamily(family: unknown, doing: string): AddressFamily | undefined {
  if (family === undefined || (typeof family === "string" && Object.hasOwn(DOMAINS, family)))
    return family as AddressFamily | undefined;
  const reason = 'family must be "unix", "inet" or "inet6"';
  throw typeof family === "string" ? outOfRange(doing, reason, family) : invalidType(doing, reason, family);
}

/** The address of a new listener that was given none. */
export function freshAddress(family: AddressFamily | undefined): Address {
  if (family === "inet") return ["127.0.0.1", 0];
  if (family === "inet6") return ["::1", 0];
  return `\0cordage-${process.pid}-${randomBytes(8).toString("hex")}`;
}

const HOST_AND_PORT = /^(?:\[([^/\0]+)\]|([^/\0:]+)):(\d+)$/;

/** A text of which no family says what it is: "host:port", or else the path of a unix socket. */
export function unfolded(address: Address): Address {
  const [, six, host, port] = (typeof address === "string" && HOST_AND_PORT.exec(address)) || [];
  return port === undefined ? address : [(six ?? host)!, Number(port)];
}

/** Checks an address, and that it is of the family if one is given. */
export function parseAddress(address: unknown, family: AddressFamily | undefined, doing: string): ParsedAddress {
  const parsed = parse(address, family, doing);
  if (family !== undefined && parsed.family !== undefined && parsed.family !== family)
    throw outOfRange(doing, `the address is not one of family "${family}"`, address);
  return parsed.family === undefined && family !== undefined && family !== "unix" ? { ...parsed, family } : parsed;
}

function parse(address: unknown, family: AddressFamily | undefined, doing: string): ParsedAddress {
  if (typeof address === "number") return inet(THIS_HOST, address, doing);
  if (typeof address === "string") return fromString(address, family, doing);
  if (Array.isArray(address) && address.length === 2) return inet(address[0], address[1], doing);
  if (Array.isArray(address) && address.length === 4) return scoped(address, doing);
  if (typeof address === "object" && address !== null && !Array.isArray(address)) {
    const { path, port, host, address: numeric } = address as Record<string, unknown>;
    if (port !== undefined) return inet(host ?? numeric ?? THIS_HOST, port, doing);
    if (typeof path === "string") return fromString(path, "unix", doing);
  }
  throw invalidType(doing, "an address is a path, a port, [host, port] or { host, port }", address);
}

/** Python's form for IPv6. */
function scoped([host, port, flowinfo, scopeId]: unknown[], doing: string): ParsedAddress {
  if (typeof host !== "string" || !isIPv6(host))
    throw outOfRange(doing, "[host, port, 0, scope] is of IPv6 only", host);
  if (flowinfo !== 0) throw outOfRange(doing, "flows are not supported: flowinfo must be 0", flowinfo);
  const known = integerOf(scopeId, "scopeId", doing, 0, HIGHEST_SCOPE) === 0 || host.includes("%");
  return inet(known ? host : `${host}%${scopeId}`, port, doing);
}

function fromString(text: string, family: AddressFamily | undefined, doing: string): ParsedAddress {
  const colon = text.lastIndexOf(":");
  const tcp = family === "inet" || family === "inet6";
  if (tcp && isIPv6(text)) throw outOfRange(doing, "an IPv6 address and a port are written [host]:port", text);
  if (tcp && colon > 0) {
    const port = text.slice(colon + 1);
    return inet(
      text.slice(0, colon).replace(/^\[(.*)\]$/, "$1"),
      /^\d+$/.test(port) ? Number(port) : Number.NaN,
      doing,
    );
  }
  if (tcp) throw outOfRange(doing, `an address of family "${family}" is [host, port] or "host:port"`, text);
  if (text.startsWith("\\\\")) throw outOfRange(doing, "the address is of no family that this system has", text);
  const most = text[0] === "\0" ? LONGEST_PATH + 1 : LONGEST_PATH;
  const bytes = Buffer.byteLength(text);
  if (bytes === 0 || bytes > most) throw outOfRange(doing, `a path has 1 to ${most} bytes`, text);
  if (text.includes("\0", 1)) throw outOfRange(doing, "a path contains no NUL, except an abstract one in front", text);
  return { family: "unix", path: text };
}

function inet(host: unknown, port: unknown, doing: string): ParsedAddress {
  if (typeof host !== "string") throw invalidType(doing, "host must be a string", host);
  if (host.includes("\0")) throw outOfRange(doing, "a host's name contains no NUL", host);
  if (typeof port !== "number") throw invalidType(doing, "port must be a number", port);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw outOfRange(doing, "port must be a whole number from 0 to 65535", port);
  const family = isIPv4(host) ? "inet" : isIPv6(host) ? "inet6" : undefined;
  return { family, host, port };
}

/** Python's: "" is every interface, "localhost" needs no lookup. `undefined`: the name must be looked up. */
export function numericHost(host: string, family: "inet" | "inet6" | undefined): string | undefined {
  if (isIPv4(host) || isIPv6(host)) return host;
  if (host === "") return family === "inet6" ? "::" : "0.0.0.0";
  if (host === "localhost") return family === "inet6" ? "::1" : "127.0.0.1";
  if (host === "<broadcast>" && family !== "inet6") return "255.255.255.255";
  return undefined;
}

function withFamily(family: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(0, family, nativeLittleEndian);
  return bytes;
}

const nativeLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export function unixSockaddr(path: string): Buffer {
  const name = Buffer.from(path);
  const size = 2 + name.length + (name[0] === 0 ? 0 : 1);
  const bytes = withFamily(AF_UNIX, size);
  name.copy(bytes, 2);
  return bytes;
}

/** `host` is numeric. */
export function inetSockaddr(host: string, port: number): Buffer {
  const four = isIPv4(host);
  const bytes = withFamily(four ? AF_INET : AF_INET6, four ? 16 : 28);
  bytes.writeUInt16BE(port, 2);
  if (four) {
    bytes.set(host.split(".").map(Number), 4);
    return bytes;
  }
  const [groups, scope] = host.split("%") as [string, string?];
  for (const [i, group] of groupsOf(groups).entries()) bytes.writeUInt16BE(group, 8 + 2 * i);
  if (scope !== undefined)
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(24, scopeOf(scope), nativeLittleEndian);
  return bytes;
}

const USING = "use an IPv6 address";

/** The number of an interface that an address names after its "%": RFC 4007 allows the number itself. */
function scopeOf(scope: string): number {
  if (/^\d+$/.test(scope)) return integerOf(Number(scope), "the scope", USING, 0, HIGHEST_SCOPE);
  const six = networkInterfaces()[scope]?.find((one) => one.family === "IPv6" && one.scopeid);
  if (six?.family === "IPv6") return six.scopeid!;
  throw outOfRange(USING, "it names an interface that has no link-local address", scope);
}

/** The eight groups of an IPv6 address; the URL parser brings it to one form. */
function groupsOf(host: string): number[] {
  const [head = "", tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string): number[] => (text === "" ? [] : text.split(":").map((g) => Number.parseInt(g, 16)));
  if (tail === undefined) return groups(head);
  const [front, back] = [groups(head), groups(tail)];
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

/** `undefined` for a socket without a name. */
export function reportAddress(bytes: Buffer): ReportedAddress | undefined {
  const family = bytes.length < 2 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint16(0, nativeLittleEndian);
  if (family === AF_INET) return [[...bytes.subarray(4, 8)].join("."), bytes.readUInt16BE(2)];
  if (family === AF_INET6) return [ipv6Text(bytes), bytes.readUInt16BE(2)];
  if (family !== AF_UNIX || bytes.length === 2) return undefined;
  const name = bytes.subarray(2);
  return name[0] === 0
    ? name.toString()
    : name.subarray(0, name.indexOf(0) < 0 ? undefined : name.indexOf(0)).toString();
}

function ipv6Text(sockaddr: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => sockaddr.readUInt16BE(8 + 2 * i).toString(16));
  const scope = new DataView(sockaddr.buffer, sockaddr.byteOffset).getUint32(24, nativeLittleEndian);
  // An IPv4 peer of an IPv6 socket: as inet_ntop(3), Node and Python write it.
  if (groups.slice(0, 6).join() === "0,0,0,0,0,ffff") return `::ffff:${[...sockaddr.subarray(20, 24)].join(".")}`;
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1) + (scope ? `%${scope}` : "");
}
