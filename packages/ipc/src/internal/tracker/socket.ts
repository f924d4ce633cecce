/**
 * Where a tree's tracker listens: an abstract unix socket (unix(7)), which leaves no file behind. Anybody may connect
 * to one, or take its name first, so both sides ask the kernel whose process the other is.
 */
import { checked } from "../checked.js";
import { native } from "../native.js";
import { AF_UNIX, SO_PEERCRED, SOCK_STREAM, SOL_SOCKET } from "../sys/constants.js";
import type { Root } from "./root.js";

/** `rival`: how many names were found taken by other users. */
export function socketAddress(root: Root, rival: number): Uint8Array {
  const name = `\0cordage-tracker-${root.pid}-${root.start}-${rival}`;
  return Buffer.concat([Buffer.of(AF_UNIX, 0), Buffer.from(name)]);
}

export function newSocket(): number {
  return checked<number>(native.socket(AF_UNIX, SOCK_STREAM, 0), "socket", "reach the resource tracker");
}

/** Both ends of a connection that needs no address. */
export function newPair(): Int32Array {
  const ends = new Int32Array(2);
  checked(native.socketpair(ends, SOCK_STREAM), "socketpair", "start the resource tracker");
  return ends;
}

/** Whether the process at the other end runs as our user. */
export function sameUser(fd: number): boolean {
  const credentials = Buffer.alloc(12); // struct ucred: pid, uid, gid
  const length = native.getOption(fd, SOL_SOCKET, SO_PEERCRED, credentials);
  return length === 12 && credentials.readUInt32LE(4) === process.getuid?.();
}
