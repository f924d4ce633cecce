/**
 * What a fork server, its clients and its children say to each other.
 *
 * The server keeps one child forked ahead, the spare, which has gone through everything that does not depend on what it
 * will run, and waits for it. One connection for each start, from beginning to end:
 *   client -> server   the key, carrying the descriptors of the child (life, data, stdout, stderr, passed ones)
 *   server -> spare    the connection and those descriptors, over a socket between the two; REFUSED or FAILED to the client instead
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
import { native } from "@cordage/ipc/sys";

export const KEY_BYTES = 32;
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
