/** Stream sockets: opened, bound, connected and accepted, always non-blocking. */
import { lookup } from "node:dns/promises";
import { type IpcError, outOfRange } from "../errors.js";
import {
  type AddressFamily,
  domainOf,
  inetSockaddr,
  numericHost,
  type ParsedAddress,
  type ReportedAddress,
  reportAddress,
  unixSockaddr,
} from "./address.js";
import { AGAIN, checked, IN_PROGRESS, systemError } from "./checked.js";
import { Descriptor } from "./descriptor.js";
import { native } from "./native.js";
import { AF_UNIX, SO_ERROR, SO_REUSEADDR, SO_SNDBUF, SOCK_NONBLOCK, SOCK_STREAM, SOL_SOCKET } from "./sys/constants.js";

const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const ON = new Uint8Array(new Int32Array([1]).buffer);
const ROOM = new Uint8Array(new Int32Array([1 << 20]).buffer);
const MOST_SOCKADDR = 128;

/**
 * Gives a unix socket as much room for what is on its way as the system allows (net.core.wmem_max; the kernel doubles
 * it): 1 MiB messages go a third faster than with the default, which is half of that.
 */
export function giveRoom(fd: number): void {
  native.setOption(fd, SOL_SOCKET, SO_SNDBUF, ROOM);
}

/** An address that the kernel understands. */
export interface Resolved {
  readonly family: AddressFamily;
  readonly sockaddr: Buffer;
}

function resolved(parsed: ParsedAddress, host: string | undefined): Resolved | undefined {
  if (parsed.family === "unix") return { family: "unix", sockaddr: unixSockaddr(parsed.path) };
  if (host === undefined) return undefined;
  return { family: host.includes(":") ? "inet6" : "inet", sockaddr: inetSockaddr(host, parsed.port) };
}

/** @throws {RangeError} ERR_OUT_OF_RANGE for a host that must be looked up: that takes the event loop */
export function resolveSync(parsed: ParsedAddress, doing: string): Resolved {
  const now = resolved(parsed, parsed.family === "unix" ? undefined : numericHost(parsed.host, parsed.family));
  if (now) return now;
  const reason = 'a host that blocks nobody is numeric or "localhost"; look others up with dns.lookup() first';
  throw outOfRange(doing, reason, (parsed as { host: string }).host);
}

/** Looks a host's name up where it must be. */
export async function resolve(parsed: ParsedAddress): Promise<Resolved> {
  const now = resolved(parsed, parsed.family === "unix" ? undefined : numericHost(parsed.host, parsed.family));
  if (now) return now;
  const { host, family } = parsed as { host: string; family: "inet" | "inet6" | undefined };
  const { address } = await lookup(host, { family: family === "inet6" ? 6 : family === "inet" ? 4 : 0 });
  return resolved(parsed, address)!;
}

function open(family: AddressFamily, doing: string): Descriptor {
  const fd = checked<number>(native.socket(domainOf(family), SOCK_STREAM | SOCK_NONBLOCK, 0), "socket", doing);
  return new Descriptor(fd, family === "unix" ? "unix" : "inet");
}

/** A listening socket. */
export function listenOn(address: Resolved, backlog: number, doing: string): Descriptor {
  const socket = open(address.family, doing);
  try {
    if (address.family !== "unix") native.setOption(socket.fd, SOL_SOCKET, SO_REUSEADDR, ON);
    checked(native.bind(socket.fd, address.sockaddr), "bind", doing);
    checked(native.listen(socket.fd, backlog), "listen", doing);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

export function nameOf(socket: Descriptor): ReportedAddress | undefined {
  const bytes = Buffer.alloc(MOST_SOCKADDR);
  const length = new Int32Array(1);
  checked(native.socketName(socket.fd, bytes, length, 0), "getsockname", "name a socket");
  return reportAddress(bytes.subarray(0, length[0]));
}

export interface Accepted {
  readonly descriptor: Descriptor;
  readonly from: ReportedAddress | undefined;
}

const GONE_AGAIN = new Set(["ECONNABORTED", "EPROTO", "ENETDOWN", "EHOSTUNREACH", "ENETUNREACH"]);

/** One try. `undefined`: nobody waits to be accepted. */
export function acceptFrom(socket: Descriptor): Accepted | undefined {
  const bytes = Buffer.alloc(MOST_SOCKADDR);
  const length = new Int32Array(1);
  for (;;) {
    const fd = native.accept(socket.fd, bytes, length, 1);
    if (fd === AGAIN) return undefined;
    if (fd >= 0)
      return { descriptor: connected(fd, socket.kind === "unix"), from: reportAddress(bytes.subarray(0, length[0])) };
    // Somebody came and left, or his network did: accept(2) says to treat that like no news.
    const error = systemError(fd, "accept", "accept a connection");
    if (!GONE_AGAIN.has(error.code)) throw error;
  }
}

function prepare(fd: number, unix: boolean): void {
  if (unix) giveRoom(fd);
  else native.setOption(fd, IPPROTO_TCP, TCP_NODELAY, ON);
}

function connected(fd: number, unix: boolean): Descriptor {
  prepare(fd, unix);
  return new Descriptor(fd, unix ? "unix" : "inet");
}

/**
 * A socket on its way to be connected. `attempt` says how it stands: true = connected, "later" = wait until it can be
 * written, "retry" = the listener's backlog is full, and nothing tells when it no longer is (unix(7)).
 */
export class Connecting {
  readonly descriptor: Descriptor;
  private started = false;

  constructor(
    private readonly address: Resolved,
    private readonly doing: string,
  ) {
    this.descriptor = open(address.family, doing);
  }

  attempt(): true | "later" | "retry" {
    const result = this.started ? this.outcome() : native.connect(this.descriptor.fd, this.address.sockaddr);
    if (result === IN_PROGRESS) {
      this.started = true;
      return "later";
    }
    if (result === AGAIN && domainOf(this.address.family) === AF_UNIX) return "retry";
    if (result < 0) throw this.failed(result);
    prepare(this.descriptor.fd, this.address.family === "unix");
    return true;
  }

  private outcome(): number {
    const error = Buffer.alloc(4);
    checked(native.getOption(this.descriptor.fd, SOL_SOCKET, SO_ERROR, error), "getsockopt", this.doing);
    return -new Int32Array(error.buffer, error.byteOffset, 1)[0]!;
  }

  private failed(result: number): IpcError {
    this.descriptor.close();
    return systemError(result, "connect", this.doing);
  }
}
