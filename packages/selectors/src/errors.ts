/** The errors of `@cordage/selectors`. */
import { inspect } from "node:util";
import { type Address, CordageError, SystemError } from "@cordage/ipc";
import { named, systemError } from "@cordage/ipc/sys";

/** The base of the errors that are this package's own; failed system calls are `SystemError`s. */
export class SelectorError extends CordageError {}
named(SelectorError, "SelectorError");

/** What was asked for is not registered (ERR_NOT_REGISTERED), or what is registered already is (ERR_ALREADY_REGISTERED). */
export class KeyError extends SelectorError {}
named(KeyError, "KeyError");

/**
 * A non-blocking call would have to wait: `code` is EAGAIN, or EINPROGRESS or EALREADY of a connection that goes on by itself.
 *
 * Source: CPython's BlockingIOError.
 */
export class BlockingIOError extends SystemError {}
named(BlockingIOError, "BlockingIOError");

/** The connection is no more, or did not come to be. Source: CPython's ConnectionError. */
export class ConnectionError extends SystemError {}
named(ConnectionError, "ConnectionError");

/** ECONNABORTED. */
export class ConnectionAbortedError extends ConnectionError {}
named(ConnectionAbortedError, "ConnectionAbortedError");

/** ECONNREFUSED: nobody listens there. */
export class ConnectionRefusedError extends ConnectionError {}
named(ConnectionRefusedError, "ConnectionRefusedError");

/** ECONNRESET: the peer ended it without reading everything. */
export class ConnectionResetError extends ConnectionError {}
named(ConnectionResetError, "ConnectionResetError");

/** EPIPE or ESHUTDOWN: the peer, or this side's `shutdown`, has ended the direction in which to send. */
export class BrokenPipeError extends ConnectionError {}
named(BrokenPipeError, "BrokenPipeError");

const CLASSES: Record<string, typeof SystemError> = {
  EAGAIN: BlockingIOError,
  EALREADY: BlockingIOError,
  EINPROGRESS: BlockingIOError,
  ECONNABORTED: ConnectionAbortedError,
  ECONNREFUSED: ConnectionRefusedError,
  ECONNRESET: ConnectionResetError,
  EPIPE: BrokenPipeError,
  ESHUTDOWN: BrokenPipeError,
};

const REASONS: Record<string, string> = {
  EAGAIN: "it would have to wait, which it is not to do",
  EINPROGRESS: "it goes on by itself; wait until the socket can be written",
  EALREADY: "it is going on already; wait until the socket can be written",
  EADDRINUSE: "somebody uses that address",
  EADDRNOTAVAIL: "this machine has no such address",
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the peer has ended the connection",
  EPIPE: "the connection has ended",
  ENOTCONN: "the socket is not connected",
  EISCONN: "the socket is connected already",
  EDESTADDRREQ: "the socket is not connected: use sendTo",
  EMSGSIZE: "the datagram is too long",
  ENOTSOCK: "the descriptor is no socket",
  ENOPROTOOPT: "the socket has no such option",
};

/**
 * The error for a negated errno of a call on a socket, of Python's class where Python has one: for those who call the system themselves, or ask a
 * socket for its option `error`.
 * @param doing completes "cannot ..."
 * @param address what the call was given
 */
export function socketError(result: number, syscall: string, doing: string, address?: Address): SystemError {
  const plain = systemError(result, syscall, doing);
  const Class = CLASSES[plain.code] ?? SystemError;
  const reason = REASONS[plain.code];
  const message = reason ? `cannot ${doing}: ${syscall} failed with ${plain.code} (${reason})` : plain.message;
  const received = address === undefined ? "" : `, received ${inspect(address)}`;
  return new Class(plain.code, plain.errno, syscall, message + received);
}

/** Passes a result on, or throws the error that it stands for. */
export function checkedSocket(result: number, syscall: string, doing: string, address?: Address): number {
  if (result < 0) throw socketError(result, syscall, doing, address);
  return result;
}

/** The error of every use after close(). `doing` completes "cannot ...". */
export function closed(doing: string, what: string): SelectorError {
  return new SelectorError("ERR_CLOSED", `cannot ${doing}: the ${what} is closed`);
}
