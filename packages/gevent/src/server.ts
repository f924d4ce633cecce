/** Servers that run a function for each connection, or each datagram, in a greenlet. */
import type { Address } from "@cordage/ipc";
import { invalidType, parseAddress, unfolded } from "@cordage/ipc/sys";
import type { SocketAddress } from "@cordage/selectors";
import { GeventError } from "./errors.js";
import { Event } from "./event.js";
import { Greenlet } from "./greenlet.js";
import { poolOf, type SpawnOption } from "./internal/handler-pool.js";
import { checkOptions } from "./internal/options.js";
import { report } from "./internal/report.js";
import { type SocketFile, socketFileOf } from "./internal/socket-file.js";
import { stopIfInterrupted } from "./internal/stop-if-interrupted.js";
import { checkTime, type TimeOptions } from "./internal/time.js";
import { checkedCurrent } from "./internal/waiter.js";
import type { Pool } from "./pool.js";
import { sleep } from "./sleep.js";
import { createServer, Socket } from "./socket.js";

export interface ServerOptions {
  /** What runs the handlers: a pool, its size (then no more are served at the same time), or, by default, a greenlet for each. */
  spawn?: SpawnOption;
  /** How many connections may wait to be accepted. Default: 128. Not for a socket that is given. */
  backlog?: number;
}

/** Milliseconds between attempts that fail: where the system has no descriptors left, say, or the pool spawns nothing. */
const SHORTEST_PAUSE = 10;
const LONGEST_PAUSE = 1000;
/** The socket is no more what it was: there is nothing to be attempted. */
const FATAL = new Set(["EBADF", "EINVAL", "ENOTSOCK", "ERR_CLOSED"]);

/**
 * What both kinds have in common. Stopped -> started -> stopped, as often as you like.
 *
 * Source: gevent.baseserver.BaseServer.
 */
abstract class BaseServer<H> {
  protected readonly handle: H;
  #address: Address | undefined;
  readonly #options: ServerOptions;
  protected readonly pool: Pool | undefined;
  readonly #stopped = new Event();
  #socket: Socket | undefined;
  /** Only of an address of one's own: who gives a socket has made its file. */
  #file: SocketFile | undefined;
  #acceptor: Greenlet | undefined;

  /**
   * @param listener an address, or a socket that is bound (and listens, for streams): the server's from now on. Started again after a stop, it binds
   * another one to the same address
   * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
   */
  constructor(listener: Address | Socket, handle: H, options: ServerOptions = {}) {
    if (typeof handle !== "function") throw invalidType("make a server", "the handler must be a function", handle);
    checkOptions(options, "make a server");
    if (listener instanceof Socket && options.backlog !== undefined)
      throw invalidType(
        "make a server",
        "a backlog is for an address, not for a socket that listens already",
        options.backlog,
      );
    this.handle = handle;
    this.#options = options;
    this.pool = poolOf(options.spawn);
    if (listener instanceof Socket) this.#socket = listener;
    else this.#address = listener;
    this.#stopped.set();
  }

  protected abstract listen(address: Address, backlog: number | undefined): Socket;
  protected abstract serveOne(socket: Socket): void;

  /** What it listens at, while it is started. */
  protected get socket(): Socket | undefined {
    return this.started ? this.#socket : undefined;
  }

  get started(): boolean {
    return !this.#stopped.isSet();
  }

  /** The address that it listens at. @throws {GeventError} ERR_NOT_STARTED */
  get address(): SocketAddress {
    if (!this.#socket)
      throw new GeventError("ERR_NOT_STARTED", "cannot give the server's address: it does not listen yet");
    return this.#socket.address();
  }

  /** Listens, and serves from now on; does not wait. @throws {SystemError} EADDRINUSE, EACCES */
  start(): void {
    if (this.started) return;
    if (this.#socket) this.#address = this.#socket.address();
    else this.#bind();
    this.#stopped.clear();
    this.startAccepting();
  }

  #bind(): void {
    const socket = this.listen(this.#address!, this.#options.backlog);
    this.#file = socketFileOf(socket.address());
    this.#socket = socket;
  }

  /** Takes connections again. */
  startAccepting(): void {
    const socket = this.#socket;
    if (this.#acceptor || !socket) return;
    this.#acceptor = Greenlet.spawn(() => this.#accept(socket));
  }

  /** Takes no more connections for now: clients wait in the backlog. */
  stopAccepting(): void {
    this.#acceptor?.kill(undefined, { block: false });
    this.#acceptor = undefined;
  }

  #accept(socket: Socket): void {
    const own = this.#acceptor;
    for (let pause = SHORTEST_PAUSE; ; ) {
      try {
        this.serveOne(socket);
        pause = SHORTEST_PAUSE;
      } catch (error) {
        if (this.#acceptor !== own) throw error; // it was killed
        this.#endIfFatal(error);
        report(own, error);
        sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    }
  }

  #endIfFatal(error: unknown): void {
    if (!FATAL.has((error as { code?: string } | undefined)?.code ?? "")) return;
    this.#acceptor = undefined;
    this.close();
    throw error;
  }

  /**
   * Starts, and waits until it is stopped. Whoever is interrupted here, killed or timed out, stops it.
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET, with nothing done
   *
   * Blocks: the greenlet.
   */
  serveForever(): void {
    checkedCurrent("serve for ever");
    this.start();
    stopIfInterrupted(
      () => this.#stopped.wait(),
      () => this.stop(),
    );
  }

  /** Takes no more and closes the listening socket, whose file goes if the server has made it. Handlers go on. */
  close(): void {
    this.#stopped.set();
    this.stopAccepting();
    this.#file?.remove();
    this.#file = undefined;
    this.#socket?.close();
    this.#socket = undefined;
  }

  /**
   * As {@link close}, and waits for the handlers in its pool; those that are late are killed.
   * @param options `timeout`: for how long, in milliseconds; default: 1,000
   *
   * Blocks: the greenlet.
   */
  stop(options: TimeOptions = {}): void {
    checkTime(options, "stop the server");
    this.close();
    if (!this.pool || this.pool.length === 0) return;
    const { timeout = 1000, signal } = options;
    if (!this.pool.join({ timeout, signal })) this.pool.kill();
  }

  protected spawnHandler(run: () => void): void {
    if (this.pool) this.pool.spawn(run);
    else Greenlet.spawn(run);
  }

  toString(): string {
    const where = this.#socket ? String(this.#socket) : String(this.#address);
    return `<${this.constructor.name} ${this.started ? "started" : "stopped"} ${where} handler=${(this.handle as { name?: string }).name || "anonymous"}>`;
  }
}

export type StreamHandler = (socket: Socket, address: SocketAddress) => void;

/**
 * Runs `handle(socket, address)` for each connection in a greenlet of its own, and closes the connection when that returns or throws.
 *
 * @example
 * const server = new StreamServer(["127.0.0.1", 0], (socket) => { for (let data; (data = socket.recv(4096)).length > 0; ) socket.sendAll(data); });
 * server.serveForever();
 *
 * Source: gevent.server.StreamServer.
 */
export class StreamServer extends BaseServer<StreamHandler> {
  protected override listen(address: Address, backlog: number | undefined): Socket {
    return createServer(address, { backlog });
  }

  protected override serveOne(listener: Socket): void {
    this.pool?.waitAvailable();
    const [socket, address] = listener.accept();
    try {
      this.spawnHandler(() => this.#handle(socket, address));
    } catch (error) {
      socket.close(); // nobody else ever will
      throw error;
    }
  }

  #handle(socket: Socket, address: SocketAddress): void {
    try {
      this.handle(socket, address);
    } finally {
      socket.close();
    }
  }
}

export type DatagramHandler = (data: Buffer, address: SocketAddress) => void;

const LARGEST_DATAGRAM = 65_536;

/** Runs `handle(data, address)` for each datagram in a greenlet of its own; `sendTo` answers. Source: gevent.server.DatagramServer. */
export class DatagramServer extends BaseServer<DatagramHandler> {
  protected override listen(address: Address): Socket {
    const { family = "inet" } = parseAddress(unfolded(address), undefined, "make a server");
    const socket = new Socket({ family, type: "dgram" });
    try {
      socket.bind(address);
    } catch (error) {
      socket.close();
      throw error;
    }
    return socket;
  }

  protected override serveOne(socket: Socket): void {
    const [data, address] = socket.recvFrom(LARGEST_DATAGRAM);
    this.spawnHandler(() => this.handle(data, address));
  }

  /** Sends a datagram from the server's own address. @throws {GeventError} ERR_NOT_STARTED */
  sendTo(data: string | Uint8Array, address: Address): number {
    const { socket } = this;
    if (!socket || socket.closed)
      throw new GeventError("ERR_NOT_STARTED", "cannot send from the server: it does not listen");
    return socket.sendTo(data, address);
  }
}
