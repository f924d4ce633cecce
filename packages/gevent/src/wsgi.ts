/** An HTTP server that runs its application in a greenlet for each request. */
import {
  createServer,
  type IncomingMessage,
  type ServerOptions as NodeOptions,
  type Server as NodeServer,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Address } from "@cordage/ipc";
import { invalidType, parseAddress, unfolded } from "@cordage/ipc/sys";
import { GeventError } from "./errors.js";
import { Event } from "./event.js";
import { Greenlet } from "./greenlet.js";
import { answer } from "./internal/answer.js";
import { type Callback, calledBack } from "./internal/callback.js";
import { endWhenIdle } from "./internal/connections.js";
import { poolOf, type SpawnOption } from "./internal/handler-pool.js";
import { checkOptions } from "./internal/options.js";
import { readMessage } from "./internal/read-message.js";
import { stopIfInterrupted } from "./internal/stop-if-interrupted.js";
import { checkTime, type TimeOptions } from "./internal/time.js";
import { checkedCurrent } from "./internal/waiter.js";
import { Semaphore } from "./lock.js";
import type { Pool } from "./pool.js";

const STARTING = "start a server";

/** Handles a request; it may wait. What it does not end is ended when it returns. */
export type Application = (request: IncomingMessage, response: ServerResponse) => void;

export interface ServerOptions extends NodeOptions {
  /** What runs the requests: a pool, its size (then no more run at the same time), or, by default, a greenlet for each. */
  spawn?: SpawnOption;
  backlog?: number;
}

/**
 * A server of node:http, whose application may wait. One that fails answers 500, or, if it had begun to answer, ends the connection; its error is reported.
 *
 * @example
 * const server = new Server(["127.0.0.1", 8080], (request, response) => { sleep(100); response.end("later"); });
 * server.serveForever();
 *
 * Source: gevent.pywsgi.WSGIServer.
 */
export class Server {
  readonly #address: Address;
  readonly #application: Application;
  readonly #pool: Pool | undefined;
  readonly #backlog: number | undefined;
  readonly #options: NodeOptions;
  readonly #stopped = new Event();
  readonly #turnToStart = new Semaphore(1);
  /** The one that is being served, or was last. */
  #service: Service | undefined;

  /** @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE */
  constructor(address: Address, application: Application, options: ServerOptions = {}) {
    if (typeof application !== "function")
      throw invalidType("make a server", "the application must be a function", application);
    checkOptions(options, "make a server");
    const { spawn, backlog, ...others } = options;
    parseAddress(unfolded(address), undefined, "make a server");
    this.#address = unfolded(address);
    this.#application = application;
    this.#backlog = backlog;
    this.#pool = poolOf(spawn);
    this.#options = others;
    createServer(others); // refuses what is wrong
    this.#stopped.set();
  }

  get started(): boolean {
    return !this.#stopped.isSet();
  }

  /** Where it listens: [host, port], or the path of a unix socket. @throws {GeventError} ERR_NOT_STARTED */
  get address(): [host: string, port: number] | string {
    const address = this.started ? this.#service!.node.address() : null;
    if (address === null)
      throw new GeventError("ERR_NOT_STARTED", "cannot give the server's address: it does not listen yet");
    return typeof address === "string" ? address : [(address as AddressInfo).address, address.port];
  }

  /**
   * Listens, and serves from then on. Whoever is interrupted has started nothing.
   * @throws {Error} EADDRINUSE, EACCES, @throws {NotInGreenletError} ERR_NOT_IN_GREENLET, with nothing done
   *
   * Blocks: the greenlet, until it listens.
   */
  start(): void {
    if (this.started) return;
    checkedCurrent(STARTING);
    this.#turnToStart.acquire();
    try {
      if (!this.started) this.#listen();
    } finally {
      this.#turnToStart.release();
    }
  }

  #listen(): void {
    const service = new Service(this.#options, (request, response) => this.#serve(request, response));
    service.listen(this.#address, this.#backlog);
    this.#service = service;
    this.#stopped.clear();
  }

  /**
   * Starts, and waits until it is stopped, and its requests have ended. Whoever is interrupted here, killed or timed out, stops it.
   * @throws as {@link start}
   *
   * Blocks: the greenlet.
   */
  serveForever(): void {
    this.start();
    const service = this.#service!;
    stopIfInterrupted(
      () => {
        this.#stopped.wait();
        service.ended.wait();
      },
      () => this.stop(),
    );
  }

  /**
   * Takes no more connections, and waits for the requests that are being served; those that are late are cut off. Connections that wait for no answer
   * are closed. Whoever is interrupted has stopped it, but cut nobody off, and may stop it again.
   * @param options `timeout`: for how long, in milliseconds; default: 1,000
   *
   * Blocks: the greenlet.
   */
  stop(options: TimeOptions = {}): void {
    checkTime(options, "stop the server");
    if (!this.#service) return;
    this.#stopped.set();
    const { timeout = 1000, signal } = options;
    this.#service.stop({ timeout, signal });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const run = () => answer(this.#application, request, response);
    // A full pool is waited for in a greenlet of the request's own: the event loop cannot.
    if (this.#pool) this.#pool.applyAsync(run);
    else Greenlet.spawn(run);
  }
}

/** From one start to its end: a server of node:http that has failed to listen, or is closed, keeps what it was told before. */
class Service {
  readonly node: NodeServer;
  readonly ended = new Event();

  constructor(options: NodeOptions, serve: (request: IncomingMessage, response: ServerResponse) => void) {
    this.node = createServer(options);
    endWhenIdle(this.node);
    this.node.on("request", serve);
    this.node.once("close", () => this.ended.set());
  }

  listen(address: Address, backlog: number | undefined): void {
    const parsed = parseAddress(address, undefined, STARTING);
    const where = parsed.family === "unix" ? { path: parsed.path } : { host: parsed.host, port: parsed.port };
    const listen = (done: Callback) => {
      this.node.once("error", done);
      this.node.listen({ ...where, backlog }, () => {
        this.node.off("error", done);
        done(null);
      });
    };
    calledBack(STARTING, listen, { late: () => this.node.close() });
  }

  stop(options: TimeOptions): void {
    if (this.node.listening) this.node.close();
    if (!this.ended.wait(options)) this.node.closeAllConnections();
  }
}

/** The body of a request, whole. Whoever is interrupted has taken nothing. Blocks: the greenlet. @throws {Error} ECONNRESET if the client goes away */
export function readBody(request: IncomingMessage): Buffer {
  return readMessage(request, Number.POSITIVE_INFINITY);
}
