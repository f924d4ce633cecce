/**
 * What a client and a server say to each other. Every message is one value of the codec, without functions, and without
 * shared objects except proxies.
 *
 *   both            the exchange of keys of @cordage/ipc, CPython's
 *   client          Hello       [VERSION, channel, session, number]: the client makes up the name of its session, and counts
 *                               how often it has opened its connection for promises
 *   server          Welcome     [VERSION, server, resumed, largest]   or   [VERSION, error]: then it closes
 *   client          Request     id > 0, then [ident, method, ...arguments]
 *                   Control     0, then [operation, ...]
 *   server          Reply       id, then [status, value]; in any order: each as soon as it is known
 *
 * The id is a double of eight bytes, big-endian, in front of the value: who cannot read that can still say so.
 *
 * A session is one thread of one process. It has a connection for its promises and, once it has blocked, one for that.
 */
import { HEADER } from "./frames.js";

export const VERSION = 1;

/** Which of its connections a client opens. */
export enum Channel {
  CALLS,
  BLOCKING,
}

export type Hello = [version: number, channel: Channel, session: string, number: number];
export type Welcome = [version: number, server: string, resumed: boolean, largest: number];

const ID = 8;
/** What a message has in front of its value: room for the header, and its id. */
export const ENVELOPE = HEADER + ID;

/** Puts the id into a message that has an ENVELOPE in front. */
export function addressed(message: Buffer, id: number): Buffer {
  message.writeDoubleBE(id, HEADER);
  return message;
}

/** The id, and the bytes of the value, of a message that has come. @throws {TypeError} */
export function opened(frame: Buffer): { id: number; bytes: Buffer } {
  const id = frame.length > ID ? frame.readDoubleBE(0) : -1;
  if (!Number.isSafeInteger(id) || id < 0) throw new TypeError("a message has no id");
  return { id, bytes: frame.subarray(ID) };
}

/** The id of a control, which has no answer. */
export const CONTROL = 0;

export enum Operation {
  /** [id]: the caller does not wait for the call any more. */
  CANCEL,
  /** [ident, count]: the session has lost so many of the references that it was given. */
  RELEASE,
  /** [ident, ticket]: the session sends a proxy to another one, which will ADOPT the ticket, perhaps before this comes. */
  LEND,
  /** [ident, ticket]: the session has received that proxy. */
  ADOPT,
  /** [ticket]: the session's process forks; its child will INHERIT all that the session has now. */
  LEND_ALL,
  /** [ticket]: this session is that child. */
  INHERIT,
  /** [request, number]: on the connection that blocks; the answer goes to that one of the others, which is being opened. */
  FORWARD,
  /** [count]: on the connection that blocks: after so many messages of the other one. */
  AFTER,
  /**
   * [connection, number, message]: on the connection that blocks: the message of that number of that other one, which is
   * on its way there too. What its sender blocks for comes after it.
   */
  OVERTAKE,
}

/** What stands in a control. */
export type Control =
  | [operation: Operation.CANCEL, id: number]
  | [operation: Operation.RELEASE, ident: number, count: number]
  | [operation: Operation.LEND, ident: number, ticket: string]
  | [operation: Operation.ADOPT, ident: number, ticket: string]
  | [operation: Operation.LEND_ALL, ticket: string]
  | [operation: Operation.INHERIT, ticket: string]
  | [operation: Operation.FORWARD, request: Buffer, number: number]
  | [operation: Operation.AFTER, count: number]
  | [operation: Operation.OVERTAKE, connection: number, number: number, message: Buffer];

export enum Status {
  VALUE,
  ERROR,
  /** The caller had given up, and the call did too: it had no effect. */
  CANCELLED,
}

/** The server itself among its objects: it creates the others. */
export const SERVER = 0;

/** What FORWARD and OVERTAKE put around a message, in bytes, and more. */
export const WRAPPING = 256;

/** Longest Hello, in bytes. */
export const LONGEST_GREETING = 4096;

/** A method of every object: its value as plain data. */
export const GET_VALUE = "getValue";
