/** An HTTP server on a socket that listens: its application runs in a greenthread for each request. */
import {
  createServer,
  type IncomingMessage,
  type ServerOptions as NodeOptions,
  type Server as NodeServer,
  type ServerResponse,
} from "node:http";
import { wsgi as base, socket, wait } from "@cordage/gevent";
import { answer, checkedCurrent, endWhenIdle, Waiter } from "@cordage/gevent/sys";
import { integerOf, invalidType } from "@cordage/ipc/sys";
import { GreenPool } from "./green-pool.js";
import { spawnN } from "./spawn.js";

const SERVING = "serve HTTP";

/** Handles a request of node:http; it may wait. What it does not end is ended when it returns. */
export type Application = base.Application;

export interface ServerOptions extends NodeOptions {
  /** The most requests that are handled at the same time, from 1; others wait. Default: 1,024. */
  maxSize?: number;
}

/**
 * Serves until it is interrupted: killed, or timed out. Then it takes no more connections, ends those that ask for nothing, and waits for the requests
 * that are being handled. A request whose application fails is answered with 500, or, if the answer had begun, its connection is cut; the error is printed.
 * @param listener see `listen`; its descriptor is the server's from now on, and closed at the end
 * @throws what interrupts it, @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
 * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET
 *
 * @example
 * wsgi.server(listen(["127.0.0.1", 8080]), (request, response) => { sleep(100); response.end("later"); });
 *
 * Blocks: the greenthread. Differs from Python: the application is a handler of node:http, and nothing is logged. Source: eventlet.wsgi.server.
 */
export function server(
  listener: socket.Socket,
  application: Application,
  { maxSize = 1024, ...options }: ServerOptions = {},
): void {
  if (!(listener instanceof socket.Socket)) throw invalidType(SERVING, "expected a socket that listens", listener);
  if (typeof application !== "function") throw invalidType(SERVING, "the application must be a function", application);
  integerOf(maxSize, "maxSize", SERVING, 1, Number.MAX_SAFE_INTEGER);
  const one = new Server(application, new GreenPool(maxSize), options);
  checkedCurrent(SERVING);
  one.serve(listener);
}

/** The body of a request, whole. Blocks: the greenthread. @throws {Error} ECONNRESET if the client goes away */
export function readBody(request: IncomingMessage): Buffer {
  return base.readBody(request);
}

class Server {
  private readonly node: NodeServer;

  constructor(
    private readonly application: Application,
    private readonly pool: GreenPool,
    options: NodeOptions,
  ) {
    this.node = createServer(options);
    endWhenIdle(this.node);
    this.node.on("request", (request, response) => this.begin(request, response));
  }

  serve(listener: socket.Socket): void {
    const ended = new Waiter<void>(SERVING);
    this.node.once("error", (error) => ended.failNow(error));
    this.node.listen({ fd: listener.detach() });
    try {
      ended.get();
    } finally {
      this.close();
    }
  }

  private close(): void {
    wait(new Promise((resolve) => this.node.close(resolve)));
  }

  private begin(request: IncomingMessage, response: ServerResponse): void {
    const run = () => answer(this.application, request, response);
    // A full pool is waited for in a greenthread of the request's own: the event loop cannot.
    if (this.pool.free() > 0) this.pool.spawnN(run);
    else spawnN(() => this.pool.spawnN(run));
  }
}
