/** A listening socket in one call. */
import type { Address, AddressFamily } from "@cordage/ipc";
import { invalidType, outOfRange, parseAddress, unfolded } from "@cordage/ipc/sys";
import { Socket } from "./socket.js";

const DOING = "make a server";

export interface CreateServerOptions {
  /** How many connections may wait to be accepted. Default: 128. */
  backlog?: number;
  /** Several servers may listen at the same port. Default: false. */
  reusePort?: boolean;
  /** An IPv6 server that takes IPv4 connections too. Default: false. */
  dualStack?: boolean;
}

/**
 * A stream socket that listens. A port can be bound again at once after its server ended. A text is "host:port", or else the path of a
 * unix socket, whose file is the caller's to remove.
 * @throws {SystemError} EADDRINUSE, EACCES, @throws {RangeError} ERR_OUT_OF_RANGE for dualStack with an address of another family
 *
 * Source: CPython's socket.create_server.
 */
export function createServer(address: Address, options: CreateServerOptions = {}): Socket {
  if (typeof options !== "object" || options === null)
    throw invalidType(DOING, "options must be an object like { backlog: 128 }", options);
  const { backlog, reusePort = false, dualStack = false } = options;
  const place = unfolded(address);
  const family = familyOf(place, dualStack);
  const socket = new Socket({ family });
  try {
    if (family !== "unix") socket.setOption("reuseAddress", true);
    if (reusePort) socket.setOption("reusePort", true);
    if (family === "inet6") socket.setOption("ipv6Only", !dualStack);
    socket.bind(place);
    socket.listen(backlog);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function familyOf(address: Address, dualStack: boolean): AddressFamily {
  const { family = dualStack ? "inet6" : "inet" } = parseAddress(address, undefined, DOING);
  if (dualStack && family !== "inet6") throw outOfRange(DOING, "dualStack is of IPv6 addresses only", address);
  return family;
}
