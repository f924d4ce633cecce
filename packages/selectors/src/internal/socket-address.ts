/** Between the addresses that users write or read and the kernel's. */
import type { Address, AddressFamily } from "@cordage/ipc";
import {
  domainOf,
  inetSockaddr,
  lookup,
  numericHost,
  parseAddress,
  reportAddress,
  unixSockaddr,
} from "@cordage/ipc/sys";

/** As Python reports it: a host and a port, or the path of a unix socket, "" where it has none. */
export type SocketAddress = [host: string, port: number] | string;

/** Long enough for every family: struct sockaddr_storage. */
export const LONGEST_ADDRESS = 128;

/** The kernel's form. A host's name is looked up, which blocks the thread. */
export function sockaddrOf(address: Address, family: AddressFamily, doing: string): Uint8Array {
  const parsed = parseAddress(address, family, doing);
  if (parsed.family === "unix") return unixSockaddr(parsed.path);
  const inet = family as "inet" | "inet6";
  const host = numericHost(parsed.host, inet) ?? lookup(parsed.host, domainOf(inet), doing)[0]!;
  return inetSockaddr(host, parsed.port);
}

export function addressOf(bytes: Buffer): SocketAddress {
  return reportAddress(bytes) ?? "";
}

/** "127.0.0.1:80", "[::1]:80" or a path, for people. */
export function shownAddress(address: SocketAddress): string {
  if (typeof address === "string") return JSON.stringify(address);
  const [host, port] = address;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
