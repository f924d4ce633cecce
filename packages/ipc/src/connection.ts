/** One end of a pipe or socket that carries whole messages. */
import { inspect } from "node:util";
import { BufferTooShort, CodecError, EOFError, IpcError, invalidType, outOfRange } from "./errors.js";
import { beforeFork } from "./internal/after-fork.js";
import { blockingCalls } from "./internal/blocking-calls.js";
import { type Bytes, bytesOf, sliceOf } from "./internal/bytes.js";
import { decode, encodeBriefly, valueOf } from "./internal/codec/index.js";
import { closedError, Descriptor } from "./internal/descriptor.js";
import { IncomingDescriptors, noDescriptors, OutgoingDescriptors } from "./internal/descriptor-transfer.js";
import type { Frame, Wanted } from "./internal/frame-reader.js";
import { HEADROOM } from "./internal/framing.js";
import { integerOf, type SyncWaitOptions, signalOf, timeoutOf, type WaitOptions } from "./internal/options.js";
import { pollDescriptor } from "./internal/readiness.js";
import { Receiver } from "./internal/receiver.js";
import { Sender } from "./internal/sender.js";
import { registerShared, type Transfer } from "./internal/shared-type.js";
import { READABLE } from "./internal/sys/constants.js";

const SENDING = "send to the connection";
const RECEIVING = "receive from the connection";
const POLLING = "poll the connection";
const ANY: Wanted = { longest: Number.POSITIVE_INFINITY };
const VALUE: Wanted = { longest: Number.POSITIVE_INFINITY, opened: true };
const NONE: readonly number[] = [];

type Outgoing = Transfer & { readonly descriptors?: readonly number[]; unsent?(): void };
/** Over a unix socket or pipe both ends are on this machine; over TCP a stranger may name our shared memory. */
const LOCAL = { reserve: HEADROOM, owned: true, shared: true };
const REMOTE = { reserve: HEADROOM, owned: true, shared: false };

export interface ConnectionOptions {
  /** Whether it receives. Default: true. */
  readable?: boolean;
  /** Whether it sends. Default: true. */
  writable?: boolean;
}

/** What our own modules may touch; see `internalsOf`. */
export interface ConnectionInternals {
  readonly descriptor: Descriptor;
  readonly receiver: Receiver;
  readonly sender: Sender;
}

let internals: (connection: Connection) => ConnectionInternals;
const live = new Set<WeakRef<Connection>>();
const forgotten = new FinalizationRegistry<WeakRef<Connection>>((ref) => live.delete(ref));

/**
 * One end of a {@link Pipe} or socket. Messages arrive whole, in order, never merged or split; concurrent calls are
 * served in the order in which they were made. Cancelling or timing out loses nothing: a message half received stays
 * for the next call, a message half sent is sent to its end.
 *
 * While nobody else can look at the descriptor, it reads ahead. It stops doing so once `fileno()` was called, the
 * connection was sent elsewhere or came from elsewhere, or this process forked. Then one end may serve several
 * processes that take turns, as in Python; two that receive at the same moment may corrupt the stream.
 *
 * A connection that is dropped is closed when it is collected; close it yourself to be sure when.
 *
 * Safe from: the owning thread. Source: CPython multiprocessing/connection.py.
 */
export class Connection {
  readonly #descriptor: Descriptor;
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  readonly #coding: typeof LOCAL;
  #readable: boolean;
  readonly #writable: boolean;

  static {
    internals = (c) => ({ descriptor: c.#descriptor, receiver: c.#receiver, sender: c.#sender });
  }

  /**
   * Takes over a descriptor of a stream: a pipe or a connected socket. Most programs use Pipe, Listener or Client.
   * @throws {RangeError} ERR_OUT_OF_RANGE for a number that is no descriptor
   * @throws {SystemError} EBADF when it is not open
   */
  constructor(descriptor: number | Descriptor, options?: ConnectionOptions) {
    const doing = "make a connection";
    if (typeof descriptor !== "number" && !(descriptor instanceof Descriptor))
      throw invalidType(doing, "expected a descriptor", descriptor);
    this.#readable = options?.readable ?? true;
    this.#writable = options?.writable ?? true;
    if (!this.#readable && !this.#writable) throw invalidType(doing, "it must be readable, writable or both", options);
    this.#descriptor = typeof descriptor === "number" ? Descriptor.adopt(descriptor, doing) : descriptor;
    this.#receiver = new Receiver(this.#descriptor);
    this.#receiver.reader.exact = typeof descriptor === "number";
    this.#sender = new Sender(this.#descriptor);
    this.#coding = this.#descriptor.kind === "inet" ? REMOTE : LOCAL;
    const ref = new WeakRef(this);
    live.add(ref);
    forgotten.register(this, ref);
  }

  /** Whether close() was called. */
  get closed(): boolean {
    return this.#descriptor.closed;
  }

  get readable(): boolean {
    return this.#readable;
  }

  get writable(): boolean {
    return this.#writable;
  }

  #mayRead(): void {
    if (this.#descriptor.closed) throw closedError(RECEIVING);
    if (!this.#readable) throw new IpcError("ERR_NOT_READABLE", `cannot ${RECEIVING}: it is write-only`);
  }

  #mayWrite(): void {
    if (this.#descriptor.closed) throw closedError(SENDING);
    if (!this.#writable) throw new IpcError("ERR_NOT_WRITABLE", `cannot ${SENDING}: it is read-only`);
  }

  #outgoing(): Outgoing {
    return this.#descriptor.kind === "unix" ? new OutgoingDescriptors() : noDescriptors;
  }

  /** Valid until anything else is encoded. */
  #encoded(value: unknown, transfer: Outgoing): Buffer {
    try {
      return encodeBriefly(value, transfer, this.#coding);
    } catch (error) {
      transfer.unsent?.();
      throw error;
    }
  }

  /**
   * Sends a value: whatever the codec carries (see README), which includes locks, queues and, over a duplex pipe or
   * unix socket, connections. Resolves once the kernel has all of it.
   * @param options a limit to how long it may wait for room before its first byte is written
   * @throws {CodecError} ERR_NOT_SERIALIZABLE before anything is written
   * @throws {SystemError} EPIPE when the other end is closed
   * @throws {IpcError} ERR_CLOSED, ERR_NOT_WRITABLE
   *
   * Blocks: the caller only.
   */
  async send(value: unknown, options?: WaitOptions): Promise<void> {
    this.#mayWrite();
    const timeout = timeoutOf(options, SENDING);
    const transfer = this.#outgoing();
    const message = { bytes: this.#encoded(value, transfer), framed: true };
    const sent = this.#sender.send(message, transfer.descriptors ?? NONE, timeout, options?.signal);
    if (transfer.descriptors?.length) sent.catch(() => transfer.unsent?.());
    return sent;
  }

  /**
   * As {@link send}, but blocks the thread until the kernel has all of the message.
   *
   * Blocks: the thread.
   */
  sendSync(value: unknown, options?: SyncWaitOptions): void {
    this.#mayWrite();
    const timeout = options === undefined ? Number.POSITIVE_INFINITY : timeoutOf(options, SENDING);
    const transfer = this.#outgoing();
    const message = { bytes: this.#encoded(value, transfer), framed: true };
    try {
      this.#sender.sendSync(message, transfer.descriptors ?? NONE, timeout);
    } catch (error) {
      transfer.unsent?.();
      throw error;
    }
  }

  /**
   * Receives the next value.
   * @throws {EOFError} ERR_EOF when the other end is closed and nothing is left to receive
   * @throws {CodecError} ERR_BAD_MESSAGE when the message holds no value; the next one can be received
   * @throws {TimeoutError} ERR_TIMEOUT when `timeout` milliseconds have passed first; nothing is lost
   * @throws {IpcError} ERR_CLOSED, ERR_NOT_READABLE
   *
   * Blocks: the caller only. Keeps the event loop alive until it settles.
   */
  async recv<T = any>(options?: WaitOptions): Promise<T> {
    this.#mayRead();
    return valueIn(
      await this.#receiver.receive(VALUE, timeoutOf(options, RECEIVING), options?.signal),
      this.#coding,
    ) as T;
  }

  /**
   * As {@link recv}, but blocks the thread.
   *
   * Blocks: the thread.
   */
  recvSync<T = any>(options?: SyncWaitOptions): T {
    this.#mayRead();
    const timeout = options === undefined ? Number.POSITIVE_INFINITY : timeoutOf(options, RECEIVING);
    return valueIn(this.#receiver.receiveSync(VALUE, timeout), this.#coding) as T;
  }

  /**
   * Sends `size` bytes from `offset` as one message. They must not change until the promise settles.
   * @throws {RangeError} ERR_OUT_OF_RANGE when the slice lies outside `bytes`
   */
  async sendBytes(bytes: Bytes, offset = 0, size?: number): Promise<void> {
    this.#mayWrite();
    return this.#sender.send(
      { bytes: sliceOf(bytes, offset, size, SENDING), framed: false },
      NONE,
      Number.POSITIVE_INFINITY,
      undefined,
    );
  }

  /** As {@link sendBytes}, but blocks the thread. */
  sendBytesSync(bytes: Bytes, offset = 0, size?: number): void {
    this.#mayWrite();
    this.#sender.sendSync(
      { bytes: sliceOf(bytes, offset, size, SENDING), framed: false },
      NONE,
      Number.POSITIVE_INFINITY,
    );
  }

  /**
   * Receives one message of bytes.
   * @param maxLength bytes; a longer message is an error after which this end receives nothing more
   * @throws {IpcError} ERR_MESSAGE_TOO_LONG; the connection is closed then, unless it can still send
   * @throws as {@link recv}
   */
  async recvBytes(maxLength?: number, options?: WaitOptions): Promise<Buffer> {
    this.#mayRead();
    const wanted = wantedOf(maxLength);
    try {
      return bufferOf(await this.#receiver.receive(wanted, timeoutOf(options, RECEIVING), options?.signal));
    } catch (error) {
      throw this.#afterFailure(error);
    }
  }

  /** As {@link recvBytes}, but blocks the thread. */
  recvBytesSync(maxLength?: number, options?: SyncWaitOptions): Buffer {
    this.#mayRead();
    const wanted = wantedOf(maxLength);
    try {
      return bufferOf(this.#receiver.receiveSync(wanted, timeoutOf(options, RECEIVING)));
    } catch (error) {
      throw this.#afterFailure(error);
    }
  }

  /** CPython's Connection._bad_message_length: the rest of the message is still in the stream. */
  #afterFailure(error: unknown): unknown {
    if (!(error instanceof IpcError) || error.code !== "ERR_MESSAGE_TOO_LONG") return error;
    if (this.#writable) this.#readable = false;
    else this.close();
    return error;
  }

  /**
   * Receives one message of bytes into `buffer`, from byte `offset`; resolves with how many bytes it has.
   * @throws {BufferTooShort} ERR_BUFFER_TOO_SHORT when it does not fit; `error.data` is the whole message
   * @throws as {@link recv}
   */
  async recvBytesInto(buffer: Bytes, offset = 0): Promise<number> {
    this.#mayRead();
    const into = sliceOf(buffer, offset, undefined, RECEIVING);
    return placed(await this.#receiver.receive({ ...ANY, into }, Number.POSITIVE_INFINITY, undefined), into);
  }

  /** As {@link recvBytesInto}, but blocks the thread. */
  recvBytesIntoSync(buffer: Bytes, offset = 0): number {
    this.#mayRead();
    const into = sliceOf(buffer, offset, undefined, RECEIVING);
    return placed(this.#receiver.receiveSync({ ...ANY, into }, Number.POSITIVE_INFINITY), into);
  }

  /**
   * Whether there is something to receive, the end included, now or within `timeout` milliseconds. Takes nothing.
   * @param timeout milliseconds; 0 or less looks once, `Infinity` waits without end
   */
  async poll(timeout = 0, options?: { signal?: AbortSignal }): Promise<boolean> {
    const signal = signalOf(options?.signal, POLLING);
    if (this.pollSync(0)) return true;
    const limit = limitOf(timeout);
    if (limit <= 0) return false;
    return this.#receiver.becomesReadable(limit, signal);
  }

  /** As {@link poll}, but blocks the thread. */
  pollSync(timeout = 0): boolean {
    this.#mayRead();
    const limit = limitOf(timeout);
    return this.#receiver.reader.buffered || pollDescriptor(this.#descriptor.fd, READABLE, Math.max(limit, 0));
  }

  /**
   * The descriptor's number, for a selector or a child's stdio. It stays this connection's. What was read ahead before does not
   * show there; a selector of `@cordage/selectors` finds it all the same.
   * @throws {IpcError} ERR_CLOSED
   */
  fileno(): number {
    if (this.#descriptor.closed) throw closedError("give the descriptor's number");
    this.#receiver.reader.exact = true;
    return this.#descriptor.fd;
  }

  /** Closes this end. Calls that wait here are rejected with ERR_CLOSED. Closing again does nothing. */
  close(): void {
    if (this.#descriptor.closed) return;
    this.#receiver.close();
    this.#sender.close();
    this.#descriptor.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Receives until the other end is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<any, void, undefined> {
    for (;;) {
      let value: unknown;
      try {
        value = await this.recv();
      } catch (error) {
        if (error instanceof EOFError) return;
        throw error;
      }
      yield value;
    }
  }

  [inspect.custom](): string {
    const state = this.closed ? "closed" : `fd=${this.#descriptor.fd}`;
    const ways = this.#readable && this.#writable ? "duplex" : this.#readable ? "read-only" : "write-only";
    return `<Connection(${state}, ${ways})>`;
  }
}

/** For our own modules: what a connection is made of. */
export function internalsOf(connection: Connection): ConnectionInternals {
  return internals(connection);
}

/** Whether it holds a message that it has read ahead of what was asked for: the descriptor does not show that one. */
export function holdsMessage(connection: Connection): boolean {
  return internals(connection).receiver.reader.buffered;
}

function valueIn(frame: Frame, coding: typeof LOCAL): unknown {
  if (frame.message) return valueOf(frame.message, undefined, coding);
  if (frame.descriptors.length === 0) return decode(frame.body, undefined, coding);
  const transfer = new IncomingDescriptors(frame.descriptors);
  try {
    return decode(frame.body, transfer, coding);
  } finally {
    transfer.closeRest();
  }
}

function bufferOf(frame: Frame): Buffer {
  new IncomingDescriptors(frame.descriptors).closeRest();
  const { buffer, byteOffset, byteLength } = frame.body;
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

function placed(frame: Frame, into: Uint8Array): number {
  const data = bufferOf(frame);
  if (data.length <= into.length) {
    if (data.buffer !== into.buffer) into.set(data);
    return data.length;
  }
  const reason = `the message has ${data.length} bytes, received a buffer with room for ${into.length}`;
  throw new BufferTooShort(`cannot ${RECEIVING}: ${reason}`, data);
}

function wantedOf(maxLength: number | undefined): Wanted {
  if (maxLength === undefined) return ANY;
  return { longest: integerOf(maxLength, "maxLength", RECEIVING, 0, Number.MAX_SAFE_INTEGER) };
}

function limitOf(timeout: number): number {
  if (typeof timeout !== "number") throw invalidType(POLLING, "timeout must be a number of milliseconds", timeout);
  if (Number.isNaN(timeout)) throw outOfRange(POLLING, "timeout must be a number of milliseconds", timeout);
  return timeout;
}

interface Packed {
  fd: number;
  readable: boolean;
  writable: boolean;
  ahead: Uint8Array | undefined;
  aheadDescriptors: number[];
}

registerShared<Connection>({
  name: "Connection",
  cls: Connection,
  pack(connection, transfer): Packed {
    const { descriptor, receiver, sender } = internals(connection);
    if (descriptor.closed) throw closedError("send a connection");
    if (!transfer)
      throw new CodecError(
        "ERR_NOT_SERIALIZABLE",
        "a connection travels over a duplex pipe, a unix socket or to a new process only",
      );
    if (sender.busy) throw new IpcError("ERR_BUSY", "cannot send a connection: messages wait to be sent through it");
    const fd = transfer.addDescriptor(descriptor.fd);
    receiver.reader.exact = true;
    // What was read ahead goes along: the receiver continues where this process stopped.
    const { bytes, descriptors } = receiver.reader.takeBuffered();
    transfer.ifUnsent?.(() => {
      if (!descriptor.closed) receiver.reader.putBack(bytes, descriptors);
    });
    const aheadDescriptors = descriptors.map((extra) => transfer.addDescriptor(extra));
    return {
      fd,
      readable: connection.readable,
      writable: connection.writable,
      ahead: bytes.length ? bytes : undefined,
      aheadDescriptors,
    };
  },
  unpack(data, transfer): Connection {
    const { fd, readable, writable, ahead, aheadDescriptors } = data as Packed;
    if (!transfer) throw new CodecError("ERR_BAD_MESSAGE", "a connection came without its descriptor");
    const connection = new Connection(transfer.takeDescriptor(fd), { readable, writable });
    if (ahead)
      internals(connection).receiver.reader.preload(
        bytesOf(ahead, RECEIVING),
        aheadDescriptors.map((i) => transfer.takeDescriptor(i)),
      );
    return connection;
  },
});

// Two processes hold each descriptor after a fork; what was read ahead by then, both have.
beforeFork(() => {
  for (const ref of live) {
    const connection = ref.deref();
    if (connection) internals(connection).receiver.reader.exact = true;
  }
});

blockingCalls("Connection", Connection.prototype, {
  sendSync: ["send", 1],
  recvSync: ["recv", 0],
  sendBytesSync: ["sendBytes"],
  recvBytesSync: ["recvBytes", 1],
  recvBytesIntoSync: ["recvBytesInto"],
  pollSync: ["poll", 1],
});
