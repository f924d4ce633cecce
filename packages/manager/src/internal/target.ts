/** Where a server is, and how to prove oneself there. Plain data. */
import type { ConnectionOptions, TlsOptions } from "node:tls";
import type { ReportedAddress } from "@cordage/ipc";
import { invalidType, type ParsedAddress } from "@cordage/ipc/sys";

/** For a server: `key` and `cert`; for a client that does not trust them anyway: `ca`. As in node:tls. */
export type ManagerTls = TlsOptions & ConnectionOptions;

export interface Target {
  readonly address: ParsedAddress;
  /** Absent where the key is not to travel: the receiver takes its process's own. */
  readonly key?: Uint8Array | undefined;
  readonly tls?: ManagerTls | undefined;
  /** Milliseconds without an answer after which the other host counts as gone. */
  readonly lostAfter: number;
}

/** Host and port, or the path, for people. */
export function shownAddress(address: ParsedAddress): string {
  if (address.family === "unix") return address.path.replace("\0", "@").replace(/\.{4,}$/, "...");
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

export function checkTls(tls: unknown, address: ParsedAddress, doing: string): ManagerTls | undefined {
  if (tls === undefined || tls === false) return undefined;
  if (typeof tls !== "object" || tls === null) throw invalidType(doing, "tls must be an object as of node:tls", tls);
  if (address.family === "unix") throw invalidType(doing, "tls needs a host and a port", shownAddress(address));
  return tls as ManagerTls;
}

/** With the key that is used there. */
export type CertainTarget = Target & { readonly key: Uint8Array };

/** A server that listens on every interface is reached on this host. */
export function reachable(address: ReportedAddress): ReportedAddress {
  if (typeof address === "string") return address;
  const [host, port] = address;
  if (host === "" || host === "0.0.0.0") return ["127.0.0.1", port];
  return host === "::" ? ["::1", port] : address;
}
