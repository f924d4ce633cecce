/** Names of hosts, looked up without holding the thread. */
import { lookup } from "node:dns/promises";
import type { Address, AddressFamily } from "@cordage/ipc";
import { numericHost, parseAddress } from "@cordage/ipc/sys";
import { wait } from "../wait.js";

/** The same address with a numeric host. @throws {Error} ENOTFOUND */
export function resolved(address: Address, family: AddressFamily, doing: string): Address {
  const parsed = parseAddress(address, family, doing);
  if (parsed.family === "unix" || family === "unix") return address;
  const { host, port } = parsed;
  if (numericHost(host, family) !== undefined) return address;
  const found = wait(lookup(host, { family: family === "inet6" ? 6 : 4 }));
  return [found.address, port];
}

/** All addresses of a host, in the order of the system's resolver. */
export function addressesOf(host: string): string[] {
  return wait(lookup(host, { all: true, verbatim: true })).map((one) => one.address);
}
