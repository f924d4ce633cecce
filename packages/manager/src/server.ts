/** The server of a manager, in this very process. */
import { inspect } from "node:util";
import type { ReportedAddress } from "@cordage/ipc";
import { parseAddress, referenceOf } from "@cordage/ipc/sys";
import { ManagerError } from "./errors.js";
import type { Limits } from "./internal/limits.js";
import { Connections } from "./internal/server/connections.js";
import type { Registration } from "./internal/server/custom-type.js";
import { functionKey, ObjectServer } from "./internal/server/object-server.js";
import { servedTypes } from "./internal/server/types.js";
import { type CertainTarget, reachable } from "./internal/target.js";

/** @internal */
export interface ServerConfig {
  readonly target: CertainTarget;
  readonly limits: Limits;
  readonly backlog: number;
  readonly registrations: readonly Registration[];
  readonly withBuiltIn: boolean;
  readonly functions: readonly Function[];
}

/**
 * Serves shared objects from this process: its factories may use whatever is here.
 *
 * @example
 * const manager = new QueueManager({ address: ["0.0.0.0", 5000], authkey: "secret" });
 * await manager.getServer().serveForever();
 *
 * Source: CPython multiprocessing/managers.py Server.
 */
export class Server {
  readonly #config: ServerConfig;
  readonly #objects: ObjectServer;
  readonly #connections: Connections;
  #listening: Promise<void> | undefined;
  #port: number | undefined;
  #closed: Promise<void> | undefined;
  #end!: () => void;
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  /** @internal Servers are made by `getServer()`. */
  constructor(config: unknown) {
    const checked = config as ServerConfig;
    const { registrations, withBuiltIn, functions, limits, target, backlog } = checked;
    const keyOf = (fn: Function) => {
      const { url, name } = referenceOf(fn);
      return functionKey(url, name);
    };
    this.#config = checked;
    this.#objects = new ObjectServer(
      servedTypes(withBuiltIn, registrations),
      new Map(functions.map((fn) => [keyOf(fn), fn])),
    );
    this.#connections = new Connections(this.#objects, limits, target, backlog);
    this.#objects.target = () => ({
      ...target,
      address: parseAddress(reachable(this.address), undefined, "lend an object"),
    });
  }

  /** Where it listens, with the port that it got; before that, where it will. */
  get address(): ReportedAddress {
    const { address } = this.#config.target;
    return address.family === "unix" ? address.path : [address.host, this.#port ?? address.port];
  }

  /** @internal */
  get name(): string {
    return this.#objects.name;
  }

  /**
   * Begins to accept clients.
   * @throws {Error} EADDRINUSE, EACCES, ... as of node:net; {ManagerError} ERR_MANAGER_CLOSED
   */
  listen(): Promise<void> {
    if (this.#closed) throw new ManagerError("ERR_MANAGER_CLOSED", "cannot listen: the server was closed");
    this.#listening ??= this.#connections.listen().then((port) => {
      this.#port = port;
    });
    return this.#listening;
  }

  /**
   * Serves until it is closed.
   *
   * Blocks: the caller only. Keeps the event loop alive.
   */
  async serveForever(): Promise<void> {
    await this.listen();
    await this.#ended;
  }

  /** Ends all connections and stops listening. */
  close(): Promise<void> {
    this.#closed ??= this.#connections.close().finally(() => {
      this.#objects.close();
      this.#end();
    });
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  [inspect.custom](): string {
    return `<Server(${inspect(this.address)})>`;
  }
}
