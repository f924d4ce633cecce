/** A connected socket in one call. */
import type { Address, AddressFamily } from "@cordage/ipc";
import { type CreateConnectionOptions, firstConnected, invalidType, lookup } from "@cordage/ipc/sys";
import { Socket } from "./socket.js";

export type { CreateConnectionOptions };

const DOING = "connect the socket";

/**
 * Connects a stream socket: to the first of a host's addresses, IPv4 and IPv6, that answers. A text is "host:port", or else the path
 * of a unix socket.
 * @throws the error of the last address that was tried, see {@link Socket.connect}
 *
 * Blocks: the thread. Source: CPython's socket.create_connection.
 */
export function createConnection(address: Address, options: CreateConnectionOptions = {}): Socket {
  if (typeof options !== "object" || options === null)
    throw invalidType(DOING, "options must be an object like { timeout: 1000 } (milliseconds)", options);
  const make = (family: AddressFamily) => new Socket({ family });
  return firstConnected(address, options, DOING, make, (host) => lookup(host, 0, DOING));
}
