/** Python's selectors and sockets: readiness of many descriptors, and socket calls that block the thread. Linux only; see README.md. */
import "./passed-socket.js"; // so that sockets travel

export { type Address, type AddressFamily, SystemError, TimeoutError, type WaitOptions } from "@cordage/ipc";
export * from "./constants.js";
export { type CreateConnectionOptions, createConnection } from "./create-connection.js";
export { type CreateServerOptions, createServer } from "./create-server.js";
export { DefaultSelector } from "./default-selector.js";
export { EpollSelector } from "./epoll-selector.js";
export {
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  KeyError,
  SelectorError,
  socketError,
} from "./errors.js";
export { EVENT_READ, EVENT_WRITE } from "./events.js";
export type { SocketOptions } from "./internal/opened-socket.js";
export type { SocketAddress } from "./internal/socket-address.js";
export type { Data } from "./internal/socket-arguments.js";
export type { SocketType } from "./internal/socket-kind.js";
export type { NamedOptions } from "./internal/socket-options.js";
export { KqueueSelector } from "./kqueue-selector.js";
export { PollSelector } from "./poll-selector.js";
export { SelectSelector } from "./select-selector.js";
export { type Ready, Selector } from "./selector.js";
export { type FileObject, SelectorKey } from "./selector-key.js";
export type { SelectorMap } from "./selector-map.js";
export { Socket } from "./socket.js";
export { socketpair } from "./socketpair.js";
