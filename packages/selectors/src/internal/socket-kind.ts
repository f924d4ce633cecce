/** What kind of socket a descriptor is. */
import type { AddressFamily } from "@cordage/ipc";
import { domainOf, invalidType, native, outOfRange } from "@cordage/ipc/sys";
import { SO_DOMAIN, SO_TYPE, SOL_SOCKET } from "../constants.js";
import { checkedSocket } from "../errors.js";

/** SOCK_STREAM, SOCK_DGRAM and SOCK_SEQPACKET. */
export type SocketType = "stream" | "dgram" | "seqpacket";

export interface SocketKind {
  readonly family: AddressFamily;
  readonly type: SocketType;
}

const SOCKET_TYPES: Record<SocketType, number> = { stream: 1, dgram: 2, seqpacket: 5 };
const FAMILIES: readonly AddressFamily[] = ["inet", "inet6", "unix"];

/** The kernel's number; "stream" where none is named. */
export function typeNumber(type: SocketType | undefined, doing: string): number {
  if (type === undefined) return SOCKET_TYPES.stream;
  if (typeof type === "string" && Object.hasOwn(SOCKET_TYPES, type)) return SOCKET_TYPES[type];
  const reason = 'type must be "stream", "dgram" or "seqpacket"';
  throw typeof type === "string" ? outOfRange(doing, reason, type) : invalidType(doing, reason, type);
}

/** @throws {SystemError} EBADF, ENOTSOCK, @throws {RangeError} for a socket of another kind, such as a netlink one */
export function identify(fd: number, doing: string): SocketKind {
  const domain = wordOf(fd, SO_DOMAIN, doing);
  const number = wordOf(fd, SO_TYPE, doing);
  const family = FAMILIES.find((name) => domainOf(name) === domain);
  const type = (Object.keys(SOCKET_TYPES) as SocketType[]).find((name) => SOCKET_TYPES[name] === number);
  if (!family || !type) throw outOfRange(doing, "the descriptor is a socket of another family or type", fd);
  return { family, type };
}

function wordOf(fd: number, option: number, doing: string): number {
  const word = new Int32Array(1);
  checkedSocket(native.getOption(fd, SOL_SOCKET, option, new Uint8Array(word.buffer)), "getsockopt", doing);
  return word[0]!;
}
