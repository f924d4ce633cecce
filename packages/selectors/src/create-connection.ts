/** A connected socket in one call. */
import type { Address, AddressFamily } from "@cordage/ipc";
import { invalidType, lookup, numericHost, parseAddress, unfolded } from "@cordage/ipc/sys";
import { Socket } from "./socket.js";

const DOING = "connect the socket";

export interface CreateConnectionOptions {
  /** Milliseconds for each address of the host; the socket keeps it as its timeout. Default: `null`, without end. */
  timeout?: number | null;
  /** The address to bind to first. */
  sourceAddress?: Address;
}

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
  let failure: unknown;
  for (const [family, one] of candidates(address)) {
    try {
      return connected(family, one, options);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function connected(family: AddressFamily, address: Address, options: CreateConnectionOptions): Socket {
  const socket = new Socket({ family });
  try {
    socket.setTimeout(options.timeout ?? null);
    if (options.sourceAddress !== undefined) socket.bind(options.sourceAddress);
    socket.connect(address);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** What is to be tried, in this order. */
function candidates(address: Address): Array<[AddressFamily, Address]> {
  const parsed = parseAddress(unfolded(address), undefined, DOING);
  if (parsed.family === "unix") return [["unix", parsed.path]];
  const { host, port } = parsed;
  const numeric = numericHost(host, undefined);
  const hosts = numeric !== undefined && host !== "localhost" ? [numeric] : lookup(host, 0, DOING);
  return hosts.map((one) => [one.includes(":") ? "inet6" : "inet", [one, port]]);
}
