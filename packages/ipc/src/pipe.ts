/** A pair of connected ends. */
import { Connection } from "./connection.js";
import { invalidType } from "./errors.js";
import { checked } from "./internal/checked.js";
import { Descriptor } from "./internal/descriptor.js";
import { native } from "./internal/native.js";
import { giveRoom } from "./internal/stream-socket.js";
import { SOCK_NONBLOCK, SOCK_STREAM } from "./internal/sys/constants.js";

export interface PipeOptions {
  /** Whether both ends send and receive. Default: true. */
  duplex?: boolean;
}

/**
 * Two connected ends. By default both send and receive; with `{ duplex: false }` the first receives and the second
 * sends. When every copy of one end is closed, the other gets {@link EOFError}.
 *
 * @example
 * const [parent, child] = Pipe();
 * await parent.send([42, null, "hello"]);
 * await child.recv();   // [42, null, "hello"]
 *
 * Source: CPython multiprocessing.Pipe; socketpair(2), pipe(2).
 */
export function Pipe(options?: PipeOptions): [Connection, Connection] {
  if (options !== undefined && (typeof options !== "object" || options === null))
    throw invalidType("make a pipe", "options must be an object like { duplex: false }", options);
  return (options?.duplex ?? true) ? duplexPipe() : oneWayPipe();
}

function duplexPipe(): [Connection, Connection] {
  const ends = new Int32Array(2);
  checked(native.socketpair(ends, SOCK_STREAM | SOCK_NONBLOCK), "socketpair", "make a pipe");
  for (const fd of ends) giveRoom(fd);
  const [one, other] = [new Descriptor(ends[0]!, "unix"), new Descriptor(ends[1]!, "unix")];
  return [new Connection(one), new Connection(other)];
}

function oneWayPipe(): [Connection, Connection] {
  const ends = new Int32Array(2);
  checked(native.pipe(ends, 1), "pipe2", "make a pipe");
  const reader = new Connection(new Descriptor(ends[0]!, "pipe"), { writable: false });
  const writer = new Connection(new Descriptor(ends[1]!, "pipe"), { readable: false });
  return [reader, writer];
}
