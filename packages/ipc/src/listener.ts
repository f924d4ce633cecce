/** The side that waits for connections. */
import { lstatSync, unlinkSync } from "node:fs";
import path from "node:path";
import { inspect } from "node:util";
import { HANDSHAKE_TIMEOUT } from "./client.js";
import type { Connection } from "./connection.js";
import { invalidType } from "./errors.js";
import { Acceptor } from "./internal/acceptor.js";
import {
  type Address,
  type AddressFamily,
  checkFamily,
  freshAddress,
  parseAddress,
  type ReportedAddress,
} from "./internal/address.js";
import { type AuthKey, keyOf } from "./internal/authentication.js";
import { blockingCalls } from "./internal/blocking-calls.js";
import { closedError, type Descriptor } from "./internal/descriptor.js";
import { integerOf, type SyncWaitOptions, timeoutOf, type WaitOptions } from "./internal/options.js";
import { listenOn, nameOf, resolveSync } from "./internal/stream-socket.js";

const LISTENING = "listen";
const ACCEPTING = "accept a connection";

export interface ListenerOptions {
  /** Default: what the address looks like. With "inet" or "inet6" an address may also be "host:port". */
  family?: AddressFamily;
  /** How many connections may wait to be accepted, 1 to 65535. Default: 128. */
  backlog?: number;
  /** Both sides must prove that they know it. A string stands for its UTF-8. */
  authkey?: AuthKey;
  /** Milliseconds that a client may take to prove itself. Default: 20000. */
  handshakeTimeout?: number;
}

/**
 * Waits for connections of {@link Client}s. Without an address it makes up an abstract unix name, which leaves no file;
 * a host must be numeric or "localhost", and port 0 means any free one: see `address`.
 *
 * A client that stalls in the exchange of keys holds up nobody in the promise form, and is dropped in the end.
 *
 * @example
 * using listener = new Listener(["127.0.0.1", 0], { authkey: "secret" });
 * using connection = await listener.accept();
 *
 * Differs from Python: the backlog is 128, not 1. Source: CPython multiprocessing.connection.Listener.
 */
export class Listener {
  readonly #socket: Descriptor;
  readonly #acceptor: Acceptor;
  readonly #file: SocketFile | undefined;
  /** Where it listens: a path or abstract name, or [host, port] with the port that it got. */
  readonly address: ReportedAddress;

  /**
   * @throws {RangeError} ERR_OUT_OF_RANGE, @throws {TypeError} ERR_INVALID_ARG_TYPE for a bad address, family or backlog
   * @throws {SystemError} EADDRINUSE, EACCES, ...
   */
  constructor(address?: Address, options: ListenerOptions = {}) {
    if (typeof options !== "object" || options === null)
      throw invalidType(LISTENING, "options must be an object like { authkey: key }", options);
    const family = checkFamily(options.family, LISTENING);
    const backlog = integerOf(options.backlog ?? 128, "backlog", LISTENING, 1, 65535);
    const key = keyOf(options.authkey, LISTENING);
    const limit = timeoutOf({ timeout: options.handshakeTimeout ?? HANDSHAKE_TIMEOUT }, LISTENING);
    const parsed = parseAddress(address ?? freshAddress(family), family, LISTENING);
    this.#socket = listenOn(resolveSync(parsed, LISTENING), backlog, LISTENING);
    this.#acceptor = new Acceptor(this.#socket, key, limit);
    this.#file = parsed.family === "unix" && parsed.path[0] !== "\0" ? new SocketFile(parsed.path) : undefined;
    this.address = parsed.family === "unix" ? parsed.path : nameOf(this.#socket)!;
  }

  /** Where the last accepted connection came from; `undefined` when there was none, or it has no name. */
  get lastAccepted(): ReportedAddress | undefined {
    return this.#acceptor.lastAccepted;
  }

  get closed(): boolean {
    return this.#socket.closed;
  }

  /**
   * Accepts the next connection.
   * @throws {AuthenticationError} ERR_AUTHENTICATION when somebody came who does not know the key; accept again
   * @throws {TimeoutError} ERR_TIMEOUT when `timeout` milliseconds have passed first
   * @throws {IpcError} ERR_CLOSED, also when it is closed while waiting
   *
   * Blocks: the caller only. Keeps the event loop alive until it settles.
   */
  async accept(options?: WaitOptions): Promise<Connection> {
    if (this.closed) throw closedError(ACCEPTING);
    return this.#acceptor.accept(timeoutOf(options, ACCEPTING), options?.signal);
  }

  /**
   * As {@link accept}, but blocks the thread, through the exchange of keys with whoever comes first.
   *
   * Blocks: the thread.
   */
  acceptSync(options?: SyncWaitOptions): Connection {
    if (this.closed) throw closedError(ACCEPTING);
    return this.#acceptor.acceptSync(timeoutOf(options, ACCEPTING));
  }

  /** The listening descriptor's number: readable when somebody waits to be accepted. @throws {IpcError} ERR_CLOSED */
  fileno(): number {
    if (this.closed) throw closedError("give the descriptor's number");
    return this.#socket.fd;
  }

  /** Stops listening and removes the path. Calls that wait here are rejected with ERR_CLOSED. Again: does nothing. */
  close(): void {
    if (this.closed) return;
    this.#acceptor.close();
    this.#socket.close();
    this.#file?.remove();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  [inspect.custom](): string {
    return `<Listener(${this.closed ? "closed" : inspect(this.address)})>`;
  }
}

const files = new Set<SocketFile>();
process.on("exit", () => {
  for (const file of files) file.remove();
});

/** The file that a unix socket is bound to: removed when the listener closes or its process ends. */
class SocketFile {
  private readonly path: string;
  private readonly ino: number;
  // A forked child has a copy of the listener: the file stays the parent's.
  private readonly pid = process.pid;

  constructor(name: string) {
    this.path = path.resolve(name);
    this.ino = lstatSync(this.path).ino;
    files.add(this);
  }

  remove(): void {
    if (!files.delete(this) || this.pid !== process.pid) return;
    const now = lstatSync(this.path, { throwIfNoEntry: false });
    if (now?.ino === this.ino) unlinkSync(this.path);
  }
}

blockingCalls("Listener", Listener.prototype, { acceptSync: ["accept", 0] });
