/** Two sockets that are connected with each other. */
import { socketPair } from "@cordage/ipc/sys";
import { type SocketType, typeNumber } from "./internal/socket-kind.js";
import { Socket } from "./socket.js";

/**
 * A pair of connected unix sockets.
 * @throws {SystemError} EMFILE, @throws {RangeError} ERR_OUT_OF_RANGE for a type that there is not
 *
 * Source: CPython's socket.socketpair; socketpair(2).
 */
export function socketpair(options: { type?: SocketType } = {}): [Socket, Socket] {
  const [one, other] = socketPair(typeNumber(options.type, "make a pair of sockets"));
  return [new Socket({ fileno: one }), new Socket({ fileno: other })];
}
