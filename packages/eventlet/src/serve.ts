/** A server: a greenthread for each connection. */
import { socket } from "@cordage/gevent";
import { checkOptions, errorOf, report } from "@cordage/gevent/sys";
import { type Greenlet, GreenletExit, getCurrent } from "@cordage/greenlet";
import { integerOf, invalidType } from "@cordage/ipc/sys";
import type { SocketAddress } from "@cordage/selectors";
import { StopServe } from "./errors.js";
import { GreenPool } from "./green-pool.js";
import { type GreenThread, kill, outcomeOf } from "./green-thread.js";

/** Handles a connection; it may wait. The connection is closed when it ends, however. */
export type Handler = (connection: socket.Socket, address: SocketAddress) => void;

export interface ServeOptions {
  /** The most connections at a time, from 1: others wait in the backlog. Default: 1,000. */
  concurrency?: number;
}

/**
 * Runs `handle(connection, address)` in a greenthread for each connection, until one of them throws: {@link StopServe} has this return, any other
 * error is thrown here. Handlers that still run go on; the listening socket stays open. What they throw later is printed.
 * @param listener see `listen`
 * @throws {SystemError} EBADF if the listener is closed meanwhile, EMFILE
 * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
 *
 * @example
 * serve(listen(["127.0.0.1", 8080]), (connection) => connection.sendAll("hello\n"));
 *
 * Blocks: the greenthread. Source: eventlet.serve.
 */
export function serve(listener: socket.Socket, handle: Handler, options: ServeOptions = {}): void {
  if (!(listener instanceof socket.Socket)) throw invalidType("serve", "expected a socket that listens", listener);
  if (typeof handle !== "function") throw invalidType("serve", "the handler must be a function", handle);
  checkOptions(options, "serve");
  const { concurrency = 1000 } = options;
  integerOf(concurrency, "concurrency", "serve", 1, Number.MAX_SAFE_INTEGER);
  const server = new Server(new GreenPool(concurrency));
  try {
    for (;;) server.spawn(handle, ...listener.accept());
  } catch (error) {
    if (!(error instanceof StopServe)) throw error;
  } finally {
    server.stop();
  }
}

class Server {
  /** Who is told of errors, as long as he serves. */
  private greenlet: Greenlet | undefined = getCurrent();

  constructor(private readonly pool: GreenPool) {}

  stop(): void {
    this.greenlet = undefined;
  }

  spawn(handle: Handler, connection: socket.Socket, address: SocketAddress): void {
    try {
      this.pool.spawn(handle, connection, address).link((thread) => this.end(thread, connection));
    } catch (error) {
      connection.close(); // interrupted while the pool was full
      throw error;
    }
  }

  private end(thread: GreenThread<void>, connection: socket.Socket): void {
    connection.close();
    const outcome = outcomeOf(thread);
    if (!("error" in outcome) || outcome.error instanceof GreenletExit) return;
    if (this.greenlet) kill(this.greenlet, errorOf(outcome.error, "go on serving after what the handler has thrown"));
    else if (!(outcome.error instanceof StopServe)) report(thread, outcome.error);
  }
}
