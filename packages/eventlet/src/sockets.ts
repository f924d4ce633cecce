/** Opening sockets. */
import { socket } from "@cordage/gevent";
import { checkOptions } from "@cordage/gevent/sys";
import type { Address } from "@cordage/ipc";
import { parseAddress, unfolded } from "@cordage/ipc/sys";

const DEFAULT_BACKLOG = 50;

export interface ConnectOptions {
  /** The address to bind to first. */
  bind?: Address;
  /** Milliseconds for each address of the host; the socket keeps it as its timeout. Default: `null`, without end. */
  timeout?: number | null;
}

/**
 * A stream socket that is connected: to `[host, port]`, or to the path of a unix socket.
 * @throws {ConnectionRefusedError} ECONNREFUSED, @throws {TimeoutError} ERR_TIMEOUT, @throws {SystemError} ENOENT, ENETUNREACH, @throws {Error} ENOTFOUND
 * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
 *
 * Blocks: the greenthread. Source: eventlet.connect.
 */
export function connect(address: Address, options: ConnectOptions = {}): socket.Socket {
  checkOptions(options, "connect");
  const { bind, timeout = null } = options;
  return socket.createConnection(address, { timeout, ...(bind === undefined ? {} : { sourceAddress: bind }) });
}

export interface ListenOptions {
  /** How many connections may wait to be accepted, from 0. Default: 50. */
  backlog?: number;
  /** Whether other sockets of the same user may listen at the same port, and share its connections. Default: true, but for port 0 and unix sockets. */
  reusePort?: boolean;
}

/**
 * A stream socket that listens, for `serve`, `wsgi.server` or a loop of one's own over `accept`.
 * @throws {SystemError} EADDRINUSE, EADDRNOTAVAIL, EACCES
 * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
 *
 * Blocks: never, unless the host is a name. Source: eventlet.listen.
 */
export function listen(address: Address, options: ListenOptions = {}): socket.Socket {
  checkOptions(options, "listen");
  const { backlog = DEFAULT_BACKLOG, reusePort = hasPort(address) } = options;
  return socket.createServer(address, { backlog, reusePort });
}

function hasPort(address: Address): boolean {
  const parsed = parseAddress(unfolded(address), undefined, "listen");
  return parsed.family !== "unix" && parsed.port !== 0;
}
