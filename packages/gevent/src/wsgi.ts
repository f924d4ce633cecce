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
import { calledBack } from "./internal/callback.js";
import { checkOptions } from "./internal/options.js";
import { checkTime, type TimeOptions } from "./internal/time.js";
import { Pool } from "./pool.js";
import { wait } from "./wait.js";

/** Handles a request; it may wait. What it does not end is ended when it returns. */
export type Application = (request: IncomingMessage, response: ServerResponse) => void;

export interface ServerOptions extends NodeOptions {
  /** What runs the requests: a pool, its size (then no more run at the same time), or, by default, a greenlet for each. */
  spawn?: Pool | number | "default";
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
  readonly #node: NodeServer;
  readonly #stopped = new Event();

  /** @throws {TypeError} ERR_INVALID_ARG_TYPE */
  constructor(address: Address, application: Application, options: ServerOptions = {}) {
    if (typeof application !== "function")
      throw invalidType("make a server", "the application must be a function", application);
    checkOptions(options, "make a server");
    const { spawn = "default", backlog, ...others } = options;
    parseAddress(unfolded(address), undefined, "make a server");
    this.#address = unfolded(address);
    this.#application = application;
    this.#backlog = backlog;
    this.#pool = typeof spawn === "number" ? new Pool(spawn) : spawn === "default" ? undefined : spawn;
    this.#node = createServer(others, (request, response) => this.#serve(request, response));
    this.#stopped.set();
  }

  get started(): boolean {
    return !this.#stopped.isSet();
  }

  /** Where it listens: [host, port], or the path of a unix socket. @throws {GeventError} ERR_NOT_STARTED */
  get address(): [host: string, port: number] | string {
    const address = this.#node.address();
    if (address === null)
      throw new GeventError("ERR_NOT_STARTED", "cannot give the server's address: it does not listen yet");
    return typeof address === "string" ? address : [(address as AddressInfo).address, address.port];
  }

  /** Listens, and serves from then on. Blocks: the greenlet, until it listens. @throws {Error} EADDRINUSE, EACCES */
  start(): void {
    if (this.started) return;
    const parsed = parseAddress(this.#address, undefined, "start a server");
    const where = parsed.family === "unix" ? { path: parsed.path } : { host: parsed.host, port: parsed.port };
    calledBack("start a server", (done) => {
      this.#node.once("error", done);
      this.#node.listen({ ...where, backlog: this.#backlog }, () => {
        this.#node.off("error", done);
        done(null);
      });
    });
    this.#stopped.clear();
  }

  /** Starts, and waits until it is stopped. Blocks: the greenlet. */
  serveForever(): void {
    this.start();
    this.#stopped.wait();
  }

  /**
   * Takes no more connections, and waits for the requests that are being served; those that are late are cut off.
   * @param options `timeout`: for how long, in milliseconds; default: 1,000
   *
   * Blocks: the greenlet.
   */
  stop(options: TimeOptions = {}): void {
    checkTime(options, "stop the server");
    if (!this.started) return;
    const { timeout = 1000, signal } = options;
    const closed = new Promise((resolve) => this.#node.close(resolve));
    this.#node.closeIdleConnections();
    if (wait([closed], { timeout, signal }).length === 0) this.#node.closeAllConnections();
    this.#stopped.set();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const run = () => this.#answer(request, response);
    // A full pool is waited for in a greenlet of the request's own: the event loop cannot.
    if (this.#pool) this.#pool.applyAsync(run);
    else Greenlet.spawn(run);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#application(request, response);
      if (!response.writableEnded) response.end();
    } catch (error) {
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { "content-type": "text/plain" }).end("Internal Server Error\n");
      throw error;
    }
  }
}

/** The body of a request, whole. Blocks: the greenlet. @throws {Error} ECONNRESET if the client goes away */
export function readBody(request: IncomingMessage): Buffer {
  return wait(collected(request));
}

async function collected(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
