/** System calls on sockets; addresses are raw `sockaddr` bytes. Each throws a SystemError where it fails. */
import { SystemError } from "../../errors.js";
import { reportAddress } from "../address.js";
import { checked } from "../checked.js";
import { native } from "../native.js";

const LONGEST_ADDRESS = 128; // struct sockaddr_storage
const MOST_ADDRESSES = 16;

/** @param type SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_SEQPACKET 5; with SOCK_NONBLOCK 2048 if wanted */
export function socket(domain: number, type: number, protocol = 0): number {
  return checked<number>(native.socket(domain, type, protocol), "socket");
}

/** Two connected unix sockets. */
export function socketPair(type = 1): [number, number] {
  const ends = new Int32Array(2);
  checked(native.socketpair(ends, type), "socketpair");
  return [ends[0]!, ends[1]!];
}

/** @throws {SystemError} EADDRINUSE, EADDRNOTAVAIL, EACCES */
export function bind(fd: number, address: Uint8Array): void {
  checked(native.bind(fd, address), "bind");
}

/** @throws {SystemError} ECONNREFUSED, ENOENT; EINPROGRESS where a non-blocking one goes on by itself */
export function connect(fd: number, address: Uint8Array): void {
  checked(native.connect(fd, address), "connect");
}

export function listen(fd: number, backlog = 128): void {
  checked(native.listen(fd, backlog), "listen");
}

/** Takes a connection. Blocks: thread, unless the listener is non-blocking: then EAGAIN. */
export function accept(fd: number, o?: { nonblocking?: boolean }): { fd: number; address: Uint8Array } {
  const address = new Uint8Array(LONGEST_ADDRESS);
  const length = new Int32Array(1);
  const accepted = checked<number>(native.accept(fd, address, length, o?.nonblocking ? 1 : 0), "accept4");
  return { fd: accepted, address: address.slice(0, length[0]) };
}

function nameOf(fd: number, peer: 0 | 1, syscall: string): Uint8Array {
  const address = new Uint8Array(LONGEST_ADDRESS);
  const length = new Int32Array(1);
  checked(native.socketName(fd, address, length, peer), syscall);
  return address.slice(0, length[0]);
}

/** The address of the socket itself. */
export function socketName(fd: number): Uint8Array {
  return nameOf(fd, 0, "getsockname");
}

/** The address of the other side. @throws {SystemError} ENOTCONN */
export function peerName(fd: number): Uint8Array {
  return nameOf(fd, 1, "getpeername");
}

/** @param how 0 ends reading, 1 writing, 2 both */
export function shutdown(fd: number, how: 0 | 1 | 2): void {
  checked(native.shutdown(fd, how), "shutdown");
}

/** What getaddrinfo(3) says, under the names and numbers that node:dns gives it. */
const RESOLVER: Record<number, [code: string, errno: number, reason: string]> = {
  [-2]: ["ENOTFOUND", -3008, "no host of that name is known"],
  [-3]: ["EAI_AGAIN", -3001, "the name server does not answer now"],
  [-4]: ["EAI_FAIL", -3004, "the name server failed"],
  [-5]: ["ENOTFOUND", -3008, "the host has no address of that family"],
};

/**
 * The numeric addresses of a host's name, in the order in which they should be tried. @param domain AF_INET 2, AF_INET6 10, 0 for both
 * @throws {SystemError} ENOTFOUND, EAI_AGAIN, ...
 * Blocks: the thread, as long as the system's resolver does (resolv.conf(5)). Source: getaddrinfo(3).
 */
export function lookup(host: string, domain = 0, doing = "look up a host"): string[] {
  const addresses = Buffer.alloc(MOST_ADDRESSES * LONGEST_ADDRESS);
  const lengths = new Int32Array(MOST_ADDRESSES);
  const count = checked<number>(native.lookup(host, domain, addresses, lengths), "getaddrinfo", doing);
  if (count === 0) throw resolverError(lengths[0]!, host, doing);
  return Array.from({ length: count }, (_, i) => {
    const from = i * LONGEST_ADDRESS;
    return reportAddress(addresses.subarray(from, from + lengths[i]!))![0]!;
  });
}

function resolverError(result: number, host: string, doing: string): SystemError {
  const [code, errno, reason] = RESOLVER[result] ?? ["EAI_FAIL", -3004, `getaddrinfo returned ${result}`];
  return new SystemError(code, errno, "getaddrinfo", `cannot ${doing}: ${reason}, received '${host}'`);
}
