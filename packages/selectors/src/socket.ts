/** Sockets whose calls are the system's: they block the thread, or, non-blocking, say that they would have to. */
import { inspect } from "node:util";
import type { Address, AddressFamily, SystemError } from "@cordage/ipc";
import {
  AGAIN,
  type Bytes,
  checked,
  Descriptor,
  IN_PROGRESS,
  INTERRUPTED,
  integerOf,
  invalidType,
  native,
  READABLE,
  timedOut,
  WRITABLE,
} from "@cordage/ipc/sys";
import { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, SHUT_RDWR } from "./constants.js";
import { checkedSocket, closed, socketError } from "./errors.js";
import { pauseBefore } from "./internal/backlog-pause.js";
import { Opened, openedFor, type SocketOptions } from "./internal/opened-socket.js";
import { Patience } from "./internal/patience.js";
import { keep, place, room, roomFor, scratchOf, taken } from "./internal/scratch.js";
import { addressOf, LONGEST_ADDRESS, type SocketAddress, shownAddress, sockaddrOf } from "./internal/socket-address.js";
import {
  CONFIGURING,
  checkedFlags,
  type Data,
  dataOf,
  RECEIVING,
  roomIn,
  SENDING,
  sizeOf,
  timeoutOf,
  viewOf,
} from "./internal/socket-arguments.js";
import type { SocketType } from "./internal/socket-kind.js";
import { type NamedOptions, namedOption, rawOption, setNamedOption, setRawOption } from "./internal/socket-options.js";

const ACCEPTING = "accept a connection";
const CONNECTING = "connect the socket";
const READING_OPTION = "read an option of the socket";
const SETTING_OPTION = "set an option of the socket";
// Not native.receive: the object has so many functions that V8 looks each one up anew.
const { receive, send } = native;
const FOREVER = Number.POSITIVE_INFINITY;

let share: (socket: Socket, doing: string) => void;

/** For our own modules: others have the same open file from now on. @throws {SelectorError} ERR_CLOSED */
export function shareOpenFile(socket: Socket, doing: string): void {
  share(socket, doing);
}

/**
 * A socket, as Python's: TCP, UDP, unix or IPv6.
 *
 * Its calls block the thread until they are done, until the time of `setTimeout` has passed, or, after `setBlocking(false)`, not at
 * all: then they throw {@link BlockingIOError} where they would have to wait. A signal does not end a wait. Nothing raises SIGPIPE.
 *
 * Addresses: `[host, port]`, `{ host, port }`, what node:net gives (`{ address, port }`), "host:port", a port of this host, Python's
 * `[host, port, 0, scope]` of IPv6, or the path of a unix socket, also as `{ path }`. A host's name is looked up by the system's resolver,
 * which blocks the thread.
 *
 * A socket that is dropped is closed when it is collected; close it yourself to be sure when.
 *
 * @example
 * using socket = new Socket();
 * socket.connect(["127.0.0.1", 8080]);
 * socket.sendAll("hello");
 * console.log(String(socket.recv(1000)));
 *
 * Safe from: the owning thread. Source: CPython's socket; socket(7), ip(7), unix(7).
 */
export class Socket {
  readonly family: AddressFamily;
  readonly type: SocketType;
  readonly #descriptor: Descriptor;
  readonly #patience: Patience;

  /**
   * @throws {SystemError} EMFILE; ENOTSOCK and EBADF for a `fileno` that is no socket
   * @throws {RangeError} ERR_OUT_OF_RANGE, @throws {TypeError} ERR_INVALID_ARG_TYPE for options that there are not
   */
  constructor(options: SocketOptions = {}) {
    const { fd, family, type, nonblocking } = openedFor(options);
    this.family = family;
    this.type = type;
    this.#descriptor = new Descriptor(fd, family === "unix" ? "unix" : "inet");
    this.#patience = new Patience(fd, nonblocking);
  }

  static {
    share = (socket, doing) => {
      socket.#open(doing);
      socket.#patience.share(doing);
    };
  }

  /**
   * Gives the socket an address of its own; port 0 stands for any free one.
   * @throws {SystemError} EADDRINUSE, EADDRNOTAVAIL, EACCES
   */
  bind(address: Address): void {
    const doing = "bind the socket";
    const fd = this.#open(doing);
    checkedSocket(native.bind(fd, sockaddrOf(address, this.family, doing)), "bind", doing, address);
  }

  /** Waits for connections from now on. @param backlog how many may wait to be accepted, 0 to 65535; default: 128 */
  listen(backlog = 128): void {
    const doing = "listen";
    const most = integerOf(backlog, "backlog", doing, 0, 65535);
    checkedSocket(native.listen(this.#open(doing), most), "listen", doing);
  }

  /**
   * Takes the next connection: a new socket, which blocks whatever this one does, and the peer's address.
   * @throws {BlockingIOError} EAGAIN, @throws {TimeoutError} ERR_TIMEOUT, @throws {SystemError} EINVAL unless it listens
   */
  accept(): [Socket, SocketAddress] {
    const fd = this.#open(ACCEPTING);
    const bytes = Buffer.alloc(LONGEST_ADDRESS);
    const length = new Int32Array(1);
    const again = (): number => native.accept(fd, bytes, length, 0);
    const accepted = this.#insist(again(), READABLE, "accept4", ACCEPTING, again);
    return [socketOf(new Opened(accepted, this.family, this.type, false)), addressOf(bytes.subarray(0, length[0]))];
  }

  /**
   * Connects to a peer. A datagram socket only remembers him.
   * @throws {ConnectionRefusedError} ECONNREFUSED, @throws {SystemError} ENOENT, EISCONN, ENETUNREACH, ENOTFOUND
   * @throws {TimeoutError} ERR_TIMEOUT
   * @throws {BlockingIOError} EINPROGRESS: it goes on; the socket can be written when it is done, and `getOption("error")` says how it went
   */
  connect(address: Address): void {
    const fd = this.#open(CONNECTING);
    const sockaddr = sockaddrOf(address, this.family, CONNECTING);
    const deadline = this.#patience.deadline();
    const result = this.#connect(fd, sockaddr, deadline);
    if (result === IN_PROGRESS && this.#patience.timeout !== 0) this.#connected(deadline, address);
    else if (result === AGAIN && this.#patience.retries()) throw timedOut(CONNECTING);
    else checkedSocket(result, "connect", CONNECTING, address);
  }

  #connect(fd: number, sockaddr: Uint8Array, deadline: number): number {
    for (let tries = 0; ; tries++) {
      const result = native.connect(fd, sockaddr);
      // Interrupted: one to a unix socket has not begun, unix(7); others go on by themselves, connect(2).
      if (result === INTERRUPTED && this.family !== "unix") return IN_PROGRESS;
      // Nothing tells when a full backlog of a unix socket no longer is.
      const full = result === AGAIN && this.#patience.retries() && pauseBefore(tries, deadline);
      if (result !== INTERRUPTED && !full) return result;
    }
  }

  #connected(deadline: number, address: Address): void {
    if (!this.#patience.ready(WRITABLE, deadline)) throw timedOut(CONNECTING);
    checkedSocket(-this.getOption("error"), "connect", CONNECTING, address);
  }

  /**
   * As {@link connect}, but a failed system call is the result: 0, or its errno, such as 115 for EINPROGRESS. After the timeout: 11, EAGAIN.
   * @throws {SystemError} ENOTFOUND, and what else is wrong with an address
   *
   * Source: CPython's `connect_ex`.
   */
  connectEx(address: Address): number {
    try {
      this.connect(address);
      return 0;
    } catch (error) {
      if ((error as SystemError).code === "ERR_TIMEOUT") return -AGAIN;
      const { errno, syscall } = error as SystemError;
      if (syscall === "connect") return -errno;
      throw error;
    }
  }

  /**
   * Receives at most `size` bytes: what is there, at least one unless the stream has ended, or one datagram. For a `size` of 0 it does not
   * ask the kernel.
   * @param flags MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT, MSG_OOB, MSG_TRUNC, added up
   * @returns bytes of the caller's own; empty at the end of a stream
   * @throws {BlockingIOError} EAGAIN, @throws {TimeoutError} ERR_TIMEOUT, @throws {ConnectionResetError} ECONNRESET
   * @throws {SelectorError} ERR_CLOSED
   */
  recv(size: number, flags = 0): Buffer {
    sizeOf(size);
    const most = flags === 0 && this.type === "stream" ? roomFor(size) : 0;
    if (most > 0) return this.#receiveInPlace(most, size);
    const buffer = scratchOf(size, checkedFlags(flags, RECEIVING));
    return keep(buffer, Math.min(this.#receive(buffer, size, flags), size));
  }

  #receiveInPlace(most: number, size: number): Buffer {
    const fd = this.#open(RECEIVING);
    const received = this.#receiveSome(fd, room(), place(), most, 0);
    const filled = received === most && most < size;
    const bytes = taken(received, filled);
    return filled ? withRest(fd, bytes, size - received) : bytes;
  }

  /**
   * As {@link recv}, into bytes of the caller's; allocates nothing.
   * @param size at most so many bytes; default: as many as there is room for
   * @returns bytes received
   */
  recvInto(buffer: Bytes, size?: number, flags = 0): number {
    const to = viewOf(buffer);
    return this.#receive(to, roomIn(to, size), checkedFlags(flags, RECEIVING));
  }

  #receive(buffer: Uint8Array, size: number, flags: number): number {
    const fd = this.#open(RECEIVING);
    if (size === 0 && !(flags & MSG_TRUNC)) return 0;
    if (flags & MSG_WAITALL && this.#gathers(flags)) return this.#receiveAll(fd, buffer, size, flags & ~MSG_WAITALL);
    return this.#receiveSome(fd, buffer, 0, size, flags);
  }

  #receiveSome(fd: number, buffer: Uint8Array, at: number, size: number, flags: number, deadline?: number): number {
    const received = receive(fd, buffer, at, size, flags | this.#patience.flags);
    return received >= 0 ? received : this.#receiveLater(received, fd, buffer, at, size, flags, deadline);
  }

  /** Apart, because a function with another one inside allocates already where it begins. */
  #receiveLater(
    result: number,
    fd: number,
    buffer: Uint8Array,
    at: number,
    size: number,
    flags: number,
    deadline: number | undefined,
  ): number {
    const again = (): number => receive(fd, buffer, at, size, flags | this.#patience.flags);
    return this.#insist(result, READABLE, "recvfrom", RECEIVING, again, flags, deadline);
  }

  /** Whether MSG_WAITALL is ours to do: the kernel does it where it blocks. */
  #gathers(flags: number): boolean {
    const alone = this.type === "stream" && !(flags & (MSG_PEEK | MSG_DONTWAIT));
    return alone && this.#patience.retries();
  }

  /**
   * As recv(2) has it: what came before the end, an error or the timeout is the result, and the error is the next call's. Without the flag:
   * with it, and not blocking, Linux's unix sockets forget the error.
   */
  #receiveAll(fd: number, buffer: Uint8Array, size: number, flags: number): number {
    const deadline = this.#patience.deadline();
    let received = this.#receiveSome(fd, buffer, 0, size, flags, deadline);
    let some = received;
    while ((some > 0 || some === AGAIN) && received < size && this.#patience.more(deadline)) {
      some = native.receive(fd, buffer, received, size - received, flags | MSG_DONTWAIT);
      if (some > 0) received += some; // AGAIN: another reader of the same open file was faster
    }
    return received;
  }

  /** As {@link recv}, with the address of the sender: "" where it has none, such as a peer of TCP. */
  recvFrom(size: number, flags = 0): [Buffer, SocketAddress] {
    const buffer = scratchOf(sizeOf(size), checkedFlags(flags, RECEIVING));
    const [received, from] = this.#receiveFrom(buffer, size, flags);
    return [keep(buffer, Math.min(received, size)), from];
  }

  /** As {@link recvInto}, with the address of the sender. */
  recvFromInto(buffer: Bytes, size?: number, flags = 0): [number, SocketAddress] {
    const to = viewOf(buffer);
    return this.#receiveFrom(to, roomIn(to, size), checkedFlags(flags, RECEIVING));
  }

  #receiveFrom(buffer: Uint8Array, size: number, flags: number): [number, SocketAddress] {
    const fd = this.#open(RECEIVING);
    const from = Buffer.alloc(LONGEST_ADDRESS);
    const length = new Int32Array(1);
    const again = (): number => native.receiveFrom(fd, buffer, 0, size, flags | this.#patience.flags, from, length);
    const received = this.#insist(again(), READABLE, "recvfrom", RECEIVING, again, flags);
    return [received, addressOf(from.subarray(0, length[0]))];
  }

  /**
   * Sends what the kernel has room for. Data that is text goes as UTF-8.
   * @returns bytes sent, perhaps fewer than given: send the rest later, or use {@link sendAll}
   * @throws {BlockingIOError} EAGAIN, @throws {TimeoutError} ERR_TIMEOUT, @throws {BrokenPipeError} EPIPE
   * @throws {ConnectionResetError} ECONNRESET, @throws {SystemError} ENOTCONN, EDESTADDRREQ, EMSGSIZE
   */
  send(data: Data, flags = 0): number {
    return this.#send(dataOf(data), flags);
  }

  #send(bytes: Uint8Array, flags: number, deadline?: number): number {
    const fd = this.#open(SENDING);
    checkedFlags(flags, SENDING);
    const sent = send(fd, bytes, 0, bytes.length, flags | this.#patience.flags);
    return sent >= 0 ? sent : this.#sendLater(sent, fd, bytes, flags, deadline);
  }

  #sendLater(result: number, fd: number, bytes: Uint8Array, flags: number, deadline?: number): number {
    const again = (): number => send(fd, bytes, 0, bytes.length, flags | this.#patience.flags);
    return this.#insist(result, WRITABLE, "sendto", SENDING, again, flags, deadline);
  }

  /**
   * Sends everything. The time of `setTimeout` is for all of it.
   * @throws as {@link send}; the error's `bytesSent` says how many bytes had been sent
   */
  sendAll(data: Data, flags = 0): void {
    const bytes = dataOf(data);
    const deadline = this.#patience.deadline();
    let sent = 0;
    try {
      do sent += this.#send(sent === 0 ? bytes : bytes.subarray(sent), flags, deadline);
      while (sent < bytes.length);
    } catch (error) {
      throw Object.assign(error as Error, { bytesSent: sent });
    }
  }

  /** Sends a datagram to an address. @returns bytes sent */
  sendTo(data: Data, address: Address, flags = 0): number {
    const fd = this.#open(SENDING);
    checkedFlags(flags, SENDING);
    const bytes = dataOf(data);
    const to = sockaddrOf(address, this.family, SENDING);
    const again = (): number => native.sendTo(fd, bytes, 0, bytes.length, flags | this.#patience.flags, to);
    return this.#insist(again(), WRITABLE, "sendto", SENDING, again, flags);
  }

  /** Ends a direction, or both. @param how SHUT_RD, SHUT_WR or SHUT_RDWR @throws {SystemError} ENOTCONN */
  shutdown(how: 0 | 1 | 2): void {
    const doing = "shut the socket down";
    const fd = this.#open(doing);
    checkedSocket(native.shutdown(fd, integerOf(how, "how", doing, 0, SHUT_RDWR)), "shutdown", doing);
  }

  /** `false`: calls never wait. `true`: they wait without end. */
  setBlocking(blocking: boolean): void {
    if (typeof blocking !== "boolean") throw invalidType(CONFIGURING, "blocking is true or false", blocking);
    this.setTimeout(blocking ? null : 0);
  }

  getBlocking(): boolean {
    return this.getTimeout() !== 0;
  }

  /** How long calls wait. @param milliseconds `null` or `Infinity`: without end; 0: not at all, as `setBlocking(false)` */
  setTimeout(milliseconds: number | null): void {
    this.#open(CONFIGURING);
    this.#patience.set(timeoutOf(milliseconds), CONFIGURING);
  }

  /** Milliseconds; `null` for ever. */
  getTimeout(): number | null {
    return this.#patience.timeout === FOREVER ? null : this.#patience.timeout;
  }

  /**
   * An option by its name, or by C's numbers: then the result is a number, or as many bytes as asked for.
   * @throws {SystemError} ENOPROTOOPT
   */
  getOption<K extends keyof NamedOptions>(name: K): NamedOptions[K];
  getOption(level: number, name: number): number;
  getOption(level: number, name: number, length: number): Buffer;
  getOption(
    option: number | keyof NamedOptions,
    name?: number,
    length?: number,
  ): NamedOptions[keyof NamedOptions] | Buffer {
    const fd = this.#open(READING_OPTION);
    if (typeof option === "string") return namedOption(fd, option, READING_OPTION);
    return rawOption(fd, option, name, length, READING_OPTION);
  }

  /**
   * Sets an option by its name, or by C's numbers to a number or bytes.
   * @throws {SystemError} ENOPROTOOPT, EINVAL, EPERM
   */
  setOption<K extends Exclude<keyof NamedOptions, "error">>(name: K, value: NamedOptions[K]): void;
  setOption(level: number, name: number, value: number | Bytes): void;
  setOption(option: number | keyof NamedOptions, name: unknown, value?: number | Bytes): void {
    const fd = this.#open(SETTING_OPTION);
    if (typeof option === "string") setNamedOption(fd, option, name, SETTING_OPTION);
    else setRawOption(fd, option, name, value, SETTING_OPTION);
  }

  /** The socket's own address. */
  address(): SocketAddress {
    return this.#name(0, "getsockname");
  }

  /** The peer's address. @throws {SystemError} ENOTCONN */
  peerAddress(): SocketAddress {
    return this.#name(1, "getpeername");
  }

  #name(peer: 0 | 1, syscall: string): SocketAddress {
    const doing = `give the ${peer ? "peer's " : ""}address`;
    const bytes = Buffer.alloc(LONGEST_ADDRESS);
    const length = new Int32Array(1);
    checkedSocket(native.socketName(this.#open(doing), bytes, length, peer), syscall, doing);
    return addressOf(bytes.subarray(0, length[0]));
  }

  /** The descriptor's number; -1 once closed. */
  fileno(): number {
    return this.#descriptor.fd;
  }

  /** Another socket of the same connection; each is closed by itself. */
  dup(): Socket {
    const doing = "duplicate the socket";
    shareOpenFile(this, doing);
    const copy = socketOf({ fileno: checked<number>(native.dup(this.#open(doing)), "fcntl", doing) });
    shareOpenFile(copy, doing);
    copy.setTimeout(this.getTimeout());
    return copy;
  }

  /** Gives the descriptor away, open; the socket is closed from then on. @returns the descriptor, -1 if it was closed already */
  detach(): number {
    if (this.closed) return -1;
    this.#patience.leave();
    return this.#descriptor.detach();
  }

  get closed(): boolean {
    return this.#descriptor.closed;
  }

  /** Closing twice does nothing. */
  close(): void {
    this.#descriptor.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  toString(): string {
    if (this.closed) return `<Socket fd=-1 closed family=${this.family} type=${this.type}>`;
    const parts = [`fd=${this.fileno()}`, `family=${this.family}`, `type=${this.type}`];
    for (const [name, peer] of [
      ["local", 0],
      ["peer", 1],
    ] as const) {
      try {
        parts.push(`${name}=${shownAddress(this.#name(peer, ""))}`);
      } catch {
        // Not connected: it has none.
      }
    }
    return `<Socket ${parts.join(" ")}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #open(doing: string): number {
    if (this.#descriptor.fd < 0) throw closed(doing, "socket");
    return this.#descriptor.fd;
  }

  /** Calls again, as long as it fails for want of patience only. */
  #insist(
    result: number,
    direction: typeof READABLE | typeof WRITABLE,
    syscall: string,
    doing: string,
    again: () => number,
    flags = 0,
    deadline = this.#patience.deadline(),
  ): number {
    let last = result;
    while (last < 0) {
      if (last === AGAIN && flags & MSG_DONTWAIT) throw socketError(last, syscall, doing);
      this.#patience.wait(last, direction, deadline, syscall, doing);
      last = again();
    }
    return last;
  }
}

/** Bundlers rename a class that names itself inside. */
function socketOf(options: SocketOptions | Opened): Socket {
  return new Socket(options as SocketOptions);
}

/** With what else is there: asked for first, because a call that finds nothing might find an error and lose it. */
function withRest(fd: number, bytes: Buffer, most: number): Buffer {
  const more = Math.min(native.available(fd), most);
  if (more <= 0) return bytes;
  const whole = Buffer.allocUnsafe(bytes.length + more);
  whole.set(bytes);
  const received = receive(fd, whole, bytes.length, more, MSG_DONTWAIT);
  return received > 0 ? whole.subarray(0, bytes.length + received) : bytes;
}
