/** Sockets whose calls block the greenlet, not the thread. */
import { inspect } from "node:util";
import { type Address, type AddressFamily, SystemError } from "@cordage/ipc";
import { type Bytes, firstConnected, invalidType, outOfRange, READABLE, WRITABLE } from "@cordage/ipc/sys";
import {
  BlockingIOError,
  type CreateConnectionOptions,
  type CreateServerOptions,
  type Data,
  type NamedOptions,
  Socket as Plain,
  socketpair as plainPair,
  createServer as plainServer,
  SelectorError,
  type SocketAddress,
  type SocketOptions,
  socketError,
} from "@cordage/selectors";
import { checkOptions } from "./internal/options.js";
import { Readiness } from "./internal/readiness.js";
import { addressesOf, resolved } from "./internal/resolve.js";

export { SHUT_RD, SHUT_RDWR, SHUT_WR } from "@cordage/selectors";
export { BlockingIOError, type CreateConnectionOptions, SelectorError };

const RECEIVING = "receive from the socket";
const SENDING = "send through the socket";
const ACCEPTING = "accept a connection";
const CONNECTING = "connect the socket";
const FOREVER = Number.POSITIVE_INFINITY;
/** No more bytes are received by one call. */
const MOST = 2 ** 31 - 1;

/** Closes what is dropped: the watch first, see {@link Readiness}. */
const dropped = new FinalizationRegistry<{ plain: Plain; readiness: Readiness }>(({ plain, readiness }) => {
  readiness.close(new SelectorError("ERR_CLOSED", "cannot use the socket: it was dropped"));
  plain.close();
});

/**
 * A socket as that of `@cordage/selectors`, but its calls block the greenlet, and the others go on. One greenlet may receive while another sends;
 * two that receive at the same time are an error, because neither would know what it gets.
 *
 * Names of hosts are looked up by Node, in its own threads.
 *
 * @example
 * const socket = createConnection(["127.0.0.1", 8080]);
 * socket.sendAll("hello");
 * console.log(String(socket.recv(1000)));
 * socket.close();
 *
 * Safe from: the owning thread. Source: gevent.socket, CPython's socket.
 */
export class Socket {
  readonly family: AddressFamily;
  readonly type: "stream" | "dgram";
  readonly #plain: Plain;
  readonly #readiness: Readiness;
  #timeout = FOREVER;
  /** Nothing is there to be received, as far as we know: so we wait first, rather than ask in vain. */
  #isDrained = true;

  /** @throws as `Socket` of `@cordage/selectors`, of which one may be given */
  constructor(options?: SocketOptions | Plain) {
    this.#plain = options instanceof Plain ? options : new Plain(options);
    this.#plain.setBlocking(false);
    this.family = this.#plain.family;
    this.type = this.#plain.type as "stream" | "dgram";
    this.#readiness = new Readiness(this.#plain.fileno());
    dropped.register(this, { plain: this.#plain, readiness: this.#readiness }, this);
  }

  /** @throws {SystemError} EADDRINUSE, EADDRNOTAVAIL, EACCES */
  bind(address: Address): void {
    this.#plain.bind(resolved(address, this.family, "bind the socket"));
  }

  listen(backlog?: number): void {
    this.#plain.listen(backlog);
  }

  /** Takes the next connection. Blocks: the greenlet. @throws {TimeoutError} ERR_TIMEOUT, @throws {SystemError} EINVAL unless it listens */
  accept(): [Socket, SocketAddress] {
    const [plain, address] = this.#retry(READABLE, ACCEPTING, () => this.#plain.accept());
    return [socketOf(plain), address];
  }

  /**
   * Connects to a peer. A datagram socket only remembers him. Blocks: the greenlet.
   * @throws {ConnectionRefusedError} ECONNREFUSED, @throws {TimeoutError} ERR_TIMEOUT, @throws {SystemError} ENOENT, EISCONN, ENETUNREACH
   */
  connect(address: Address): void {
    const to = resolved(address, this.family, CONNECTING);
    try {
      this.#plain.connect(to);
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
      this.#readiness.wait(WRITABLE, this.#timeout, CONNECTING);
      const errno = this.#plain.getOption("error");
      if (errno !== 0) throw socketError(-errno, "connect", CONNECTING, to);
    }
  }

  /** As {@link connect}, but a failed system call is the result: its errno, or 0. */
  connectEx(address: Address): number {
    try {
      this.connect(address);
      return 0;
    } catch (error) {
      if ((error as SystemError).syscall !== "connect") throw error;
      return -(error as SystemError).errno;
    }
  }

  /**
   * Receives at most `size` bytes: what is there, at least one unless the stream has ended; none, at once, if `size` is 0.
   * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE, at once
   * @throws {TimeoutError} ERR_TIMEOUT, @throws {ConnectionResetError} ECONNRESET, @throws {SelectorError} ERR_CLOSED
   * @throws {GeventError} ERR_CONCURRENT_USE
   *
   * Blocks: the greenlet.
   */
  recv(size: number, flags = 0): Buffer {
    const bytes = this.#receive(isSome(size, flags), () => this.#plain.recv(size, flags));
    this.#isDrained = bytes.length > 0 && bytes.length < size;
    return bytes;
  }

  /** As {@link recv}, into bytes of the caller's. @returns bytes received */
  recvInto(buffer: Bytes, size?: number, flags = 0): number {
    const room = ArrayBuffer.isView(buffer) ? buffer.byteLength : 0;
    const most = size ?? room;
    const waits = most <= room && isSome(most, flags);
    const received = this.#receive(waits, () => this.#plain.recvInto(buffer, size, flags));
    this.#isDrained = received > 0 && received < (size ?? buffer.byteLength);
    return received;
  }

  /** As {@link recv}, with the address of the sender. */
  recvFrom(size: number, flags = 0): [Buffer, SocketAddress] {
    return this.#retry(READABLE, RECEIVING, () => this.#plain.recvFrom(size, flags));
  }

  #receive<T>(mayWait: boolean, call: () => T): T {
    const waitsFirst = mayWait && this.#isDrained && this.#timeout > 0 && this.type === "stream" && !this.closed;
    if (waitsFirst) this.#readiness.wait(READABLE, this.#timeout, RECEIVING);
    return this.#retry(READABLE, RECEIVING, call);
  }

  /** Sends what the kernel has room for. @returns bytes sent, perhaps fewer than given. Blocks: the greenlet. */
  send(data: Data, flags = 0): number {
    return this.#retry(WRITABLE, SENDING, () => this.#plain.send(data, flags));
  }

  /**
   * Sends everything. The time of `setTimeout` is for all of it. Blocks: the greenlet.
   * @throws as {@link send}; the error's `bytesSent` says how many bytes had been sent, unless it is frozen
   */
  sendAll(data: Data, flags = 0): void {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const deadline = performance.now() + this.#timeout;
    let sent = 0;
    try {
      sent = this.#plain.send(bytes, flags);
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw havingSent(0, error);
    }
    if (sent < bytes.byteLength) this.#sendRest(viewOf(bytes), sent, flags, deadline);
  }

  #sendRest(bytes: Uint8Array, already: number, flags: number, deadline: number): void {
    let sent = already;
    try {
      while (sent < bytes.length) {
        this.#readiness.wait(WRITABLE, deadline - performance.now(), SENDING);
        sent += this.#attempt(() => this.#plain.send(bytes.subarray(sent), flags)) ?? 0;
      }
    } catch (error) {
      throw havingSent(sent, error);
    }
  }

  /** Sends a datagram to an address. @returns bytes sent */
  sendTo(data: Data, address: Address, flags = 0): number {
    const to = resolved(address, this.family, SENDING);
    return this.#retry(WRITABLE, SENDING, () => this.#plain.sendTo(data, to, flags));
  }

  #retry<T>(direction: typeof READABLE | typeof WRITABLE, doing: string, call: () => T): T {
    const deadline = this.#timeout === FOREVER ? FOREVER : performance.now() + this.#timeout;
    for (;;) {
      const result = this.#attempt(call);
      if (result !== undefined) return result;
      this.#readiness.wait(direction, deadline - performance.now(), doing);
    }
  }

  /** Undefined if it would have to wait. With a timeout of 0 it says so, as a socket that does not block. */
  #attempt<T>(call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof BlockingIOError) || this.#timeout === 0) throw error;
      return undefined;
    }
  }

  /** Ends a direction, or both. @param how SHUT_RD, SHUT_WR or SHUT_RDWR @throws {SystemError} ENOTCONN */
  shutdown(how: 0 | 1 | 2): void {
    this.#plain.shutdown(how);
  }

  /** How long calls wait. @param milliseconds `null` or `Infinity`: without end; 0: not at all, they throw {@link BlockingIOError} */
  setTimeout(milliseconds: number | null): void {
    const ms = milliseconds ?? FOREVER;
    if (typeof ms !== "number") throw invalidType("set the timeout", "expected a number of milliseconds", milliseconds);
    if (!(ms >= 0)) throw outOfRange("set the timeout", "expected 0 milliseconds or more", milliseconds);
    this.#timeout = ms;
  }

  /** Milliseconds; `null`: without end. */
  getTimeout(): number | null {
    return this.#timeout === FOREVER ? null : this.#timeout;
  }

  setBlocking(blocking: boolean): void {
    this.setTimeout(blocking ? null : 0);
  }

  getOption<K extends keyof NamedOptions>(name: K): NamedOptions[K];
  getOption(level: number, name: number): number;
  getOption(...args: [any, any?]): unknown {
    return (this.#plain.getOption as (...all: unknown[]) => unknown).apply(this.#plain, args);
  }

  setOption<K extends Exclude<keyof NamedOptions, "error">>(name: K, value: NamedOptions[K]): void;
  setOption(level: number, name: number, value: number | Bytes): void;
  setOption(...args: [any, any, any?]): void {
    (this.#plain.setOption as (...all: unknown[]) => void).apply(this.#plain, args);
  }

  address(): SocketAddress {
    return this.#plain.address();
  }

  /** @throws {SystemError} ENOTCONN */
  peerAddress(): SocketAddress {
    return this.#plain.peerAddress();
  }

  /** The descriptor's number; -1 once closed. */
  fileno(): number {
    return this.#plain.fileno();
  }

  /** Gives the descriptor away, open. @returns -1 if it was closed already */
  detach(): number {
    this.#leave();
    return this.#plain.detach();
  }

  get closed(): boolean {
    return this.#plain.closed;
  }

  /** Whoever waits in one of its calls has an error thrown: EBADF. Closing twice does nothing. */
  close(): void {
    if (this.closed) return;
    this.#leave();
    this.#plain.close();
  }

  #leave(): void {
    dropped.unregister(this);
    this.#readiness.close(
      new SystemError("EBADF", -9, "epoll_wait", "cannot wait for the socket: it was closed meanwhile"),
    );
  }

  [Symbol.dispose](): void {
    this.close();
  }

  toString(): string {
    return this.#plain.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Whether there may be something to wait for; not if nothing is asked for, or what will be refused. */
function isSome(size: number, flags: number): boolean {
  return flags === 0 && Number.isInteger(size) && size > 0 && size <= MOST;
}

/** Bundlers rename a class that names itself inside. */
function socketOf(plain: Plain): Socket {
  return new Socket(plain);
}

/** Whatever was thrown into the greenlet stays what it is. */
function havingSent(bytesSent: number, error: unknown): unknown {
  Reflect.set(error as object, "bytesSent", bytesSent); // says no, but does not throw, where the error is frozen
  return error;
}

function viewOf(bytes: ArrayBufferView | ArrayBuffer | SharedArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}

/**
 * Connects a stream socket: to the first of a host's addresses, IPv4 and IPv6, that answers. Blocks: the greenlet.
 * @throws the error of the last address that was tried, see {@link Socket.connect}; what is thrown into the greenlet, at once
 */
export function createConnection(address: Address, options: CreateConnectionOptions = {}): Socket {
  checkOptions(options, CONNECTING);
  return firstConnected(address, options, CONNECTING, (family) => new Socket({ family }), addressesOf);
}

/** A stream socket that listens, as `createServer` of `@cordage/selectors`. */
export function createServer(address: Address, options?: CreateServerOptions): Socket {
  return new Socket(plainServer(address, options));
}

/** Two sockets that are connected with each other. */
export function socketpair(): [Socket, Socket] {
  const [one, other] = plainPair();
  return [new Socket(one), new Socket(other)];
}
