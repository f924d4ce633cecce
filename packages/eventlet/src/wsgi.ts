/** An HTTP server on a socket that listens: its application runs in a greenthread for each request. */
import {
  createServer,
  type IncomingMessage,
  type ServerOptions as NodeOptions,
  type Server as NodeServer,
  type ServerResponse,
} from "node:http";
import type { Socket as NodeSocket } from "node:net";
import { wsgi as base, socket, wait } from "@cordage/gevent";
import { checkedCurrent, Waiter } from "@cordage/gevent/sys";
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
  /** Whether each connection has asked for something, and waits for the answer. */
  private readonly connections = new Map<NodeSocket, boolean>();
  private isClosing = false;

  constructor(
    private readonly application: Application,
    private readonly pool: GreenPool,
    options: NodeOptions,
  ) {
    this.node = createServer(options);
    this.node.on("connection", (connection) => this.add(connection));
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
    this.isClosing = true;
    const closed = new Promise((resolve) => this.node.close(resolve));
    for (const [connection, isBusy] of this.connections) if (!isBusy) connection.destroy();
    wait(closed);
  }

  private add(connection: NodeSocket): void {
    this.connections.set(connection, false);
    connection.once("close", () => this.connections.delete(connection));
  }

  private begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket: connection } = request;
    this.connections.set(connection, true);
    response.once("finish", () => this.rest(connection));
    const answer = () => this.answer(request, response);
    // A full pool is waited for in a greenthread of the request's own: the event loop cannot.
    if (this.pool.free() > 0) this.pool.spawnN(answer);
    else spawnN(() => this.pool.spawnN(answer));
  }

  private rest(connection: NodeSocket): void {
    if (this.connections.has(connection)) this.connections.set(connection, false);
    if (this.isClosing) connection.destroySoon(); // Node would keep it for the next request
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.application(request, response);
      if (!response.writableEnded) response.end();
    } catch (error) {
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { "content-type": "text/plain" }).end("Internal Server Error\n");
      throw error;
    }
  }
}
