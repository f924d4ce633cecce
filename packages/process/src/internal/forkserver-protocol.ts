/**
 * What a fork server, its clients and its children say to each other.
 *
 * The server keeps one child forked ahead, the spare, which has gone through everything that does not depend on what it
 * will run, and waits for it. One connection for each start, from beginning to end:
 *   client -> server   the key and a number: that of the descriptors it carries (life, data, stdout, stderr, passed ones)
 *   server -> spare    the connection and those descriptors, over a socket between the two; REFUSED or FAILED to the client
 *                      instead, also where fewer descriptors have arrived than were sent (recvmsg(2), MSG_CTRUNC)
 *   child  -> client   STARTED with its pid, carrying a pidfd
 *   client -> child    one byte: go
 *   server -> client   ENDED with the child's exit code
 * The child holds the connection too, so its end (of file) means that child and server are gone: the code is unknown.
 * A child runs nothing before "go". If it dies before the client has its pid (ENDED without STARTED), the client asks the
 * same server again; if the server dies before that, another one: no target runs twice.
 *
 * A spare blocks all signals, as it is in its client's process group: a terminal's Ctrl-C is not meant for it. It
 * forgets those that came when it is handed out, before anybody knows its pid. It ends with its server, whose end of the
 * socket nobody else holds: the server closes it before it forks again.
 */
import { constants } from "node:os";
import { native } from "@cordage/ipc/sys";

export const KEY_BYTES = 32;
export const NO_DESCRIPTORS_LEFT = -constants.errno.EMFILE;
/** Places among the descriptors of a child; the ones that its arguments carry follow. */
export const [LIFE, DATA, STDOUT, STDERR, FIRST_PASSED] = [0, 1, 2, 3, 4] as const;
/** A message of the kernel's carries 253 at most (SCM_MAX_FD), one of which is the connection on its way to the spare. */
export const MOST_DESCRIPTORS = 250;

export enum Kind {
  Started = 1,
  /** The key was wrong. */
  Refused = 2,
  /** Negative errno of the fork. */
  Failed = 3,
  Ended = 4,
}

export interface Message {
  kind: Kind;
  value: number;
  /** Of a Started message: the pidfd; -1 where there was no number left for it (recvmsg(2), MSG_CTRUNC). */
  descriptor: number;
}

const BYTES = 8;
const COUNT_BYTES = 4;

/** Sends descriptors behind `head`, with their number; false when the other side is gone. */
export function hand(socket: number, head: Uint8Array, descriptors: Int32Array): boolean {
  const bytes = Buffer.alloc(head.length + COUNT_BYTES);
  bytes.set(head);
  bytes.writeInt32LE(descriptors.length, head.length);
  return native.sendDescriptors(socket, bytes, 0, bytes.length, descriptors) === bytes.length;
}

export interface Handed {
  head: Buffer;
  descriptors: number[];
  /** Whether all have arrived. */
  whole: boolean;
}

/** Takes what `hand` sent behind a head of so many bytes; undefined at the end, or a negative errno. */
export function take(socket: number, headBytes: number): Handed | number | undefined {
  const bytes = Buffer.alloc(headBytes + COUNT_BYTES);
  const received = new Int32Array(MOST_DESCRIPTORS + 1);
  const n = native.receiveDescriptors(socket, bytes, 0, bytes.length, received);
  if (n < 0) return n;
  const descriptors = [...received].filter((fd) => fd >= 0);
  if (n === bytes.length) {
    const whole = descriptors.length === bytes.readInt32LE(headBytes);
    return { head: bytes.subarray(0, headBytes), descriptors, whole };
  }
  for (const fd of descriptors) native.close(fd);
  return undefined;
}

/** Says it to a client; one that is gone does not want to know. */
export function tell(connection: number, kind: Kind, value: number, descriptor?: number): void {
  const bytes = Buffer.alloc(BYTES);
  bytes.writeInt32LE(kind);
  bytes.writeInt32LE(value, 4);
  if (descriptor === undefined) native.write(connection, bytes, 0, BYTES);
  else native.sendDescriptors(connection, bytes, 0, BYTES, Int32Array.of(descriptor));
}

/** The next message; undefined at the end of the connection, and AGAIN's number where it has not come yet. */
export function hear(connection: number): Message | number | undefined {
  const bytes = Buffer.alloc(BYTES);
  const descriptors = new Int32Array(1);
  const n = native.receiveDescriptors(connection, bytes, 0, BYTES, descriptors);
  if (n < 0) return n;
  if (n !== BYTES) return undefined;
  return { kind: bytes.readInt32LE(), value: bytes.readInt32LE(4), descriptor: descriptors[0]! };
}
