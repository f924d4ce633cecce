/** Managers: they start a server, or connect to one, and make its objects. */
import { inspect } from "node:util";
import type { ReportedAddress, SyncWaitOptions } from "@cordage/ipc";
import { invalidType, type ParsedAddress, parseAddress, timeoutOf } from "@cordage/ipc/sys";
import { currentProcess } from "@cordage/process";
import { ManagerError } from "./errors.js";
import type { Client } from "./internal/client/client.js";
import { clientOf, connectTo, leaveClient } from "./internal/client/clients.js";
import { refuseWhileImporting } from "./internal/importing.js";
import { type ProxyClass, useProxyClass } from "./internal/kinds.js";
import { type CheckedOptions, checkOptions, type ManagerOptions, newAddress } from "./internal/manager-options.js";
import { SERVER } from "./internal/protocol.js";
import type { Registration } from "./internal/server/custom-type.js";
import { ServerProcess } from "./internal/server-process.js";
import { reachable, shownAddress } from "./internal/target.js";
import { BaseProxy } from "./proxy.js";
import { nameFactories } from "./served.js";
import { Server, type ServerConfig } from "./server.js";

export interface RegisterOptions {
  /**
   * The methods that may be called. Default: all whose names do not start with an underscore. Not `then`, which would
   * keep proxies from being the result of a promise.
   */
  exposed?: readonly string[];
  /** A class of one's own for the proxies, extending `BaseProxy`. Default: one with a method for each exposed name. */
  proxy?: new (
    reference: unknown,
  ) => BaseProxy;
  /** Methods whose results are to be shared objects: `{ child: "Node" }`. */
  methodToName?: Readonly<Record<string, string>>;
  /** False: managers get no method of that name, which may then be one that they have themselves, such as `start`. */
  createMethod?: boolean;
}

/** Names that a proxy has itself, to TypeScript: methods of a referent that are called so are reached by `callMethod`. */
type OwnNames = "sync" | "toString" | "call";

/** The proxy of a class: what a method returns, it returns as a promise. */
export type Proxied<T> = BaseProxy & {
  readonly [K in Exclude<keyof T, OwnNames> as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

type State = "initial" | "started" | "connected" | "shut down";

/**
 * The base of managers of one's own. Types are registered with the class; `start()` serves them from a process of its own,
 * `getServer()` from this one, `connect()` uses those of a server that is there.
 *
 * @example
 * class Counters extends BaseManager {}
 * Counters.register("Counter", Counter);             // an exported class
 * await using manager = new Counters();
 * await manager.start();
 * const counter = await manager.create<Proxied<Counter>>("Counter");
 *
 * Guarantees: only registered types are made and only exposed methods called; whoever does not know the key is heard no
 * further; nothing that a client sends is run or imported. Source: CPython multiprocessing/managers.py BaseManager.
 */
export class BaseManager {
  static readonly registrations: Map<string, Registration> = new Map();
  /** @internal Whether it serves what every SyncManager does. */
  protected static readonly withBuiltIn: boolean = false;

  readonly #options: CheckedOptions;
  readonly #address: ParsedAddress;
  #state: State = "initial";
  #process: ServerProcess | undefined;
  #starting: Promise<ServerProcess> | undefined;
  #ending: Promise<void> | undefined;
  #client: Client | undefined;
  #reported: ReportedAddress | undefined;

  /** @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE for a bad option */
  constructor(options?: ManagerOptions) {
    this.#options = checkOptions(options);
    this.#address = this.#options.address ?? newAddress(this.#options.family);
  }

  /**
   * Registers a type of shared objects, which managers of this class make with a method of its name, or with `create`.
   * @param factory a class, or a function that returns an object, or what `served` has made; for `start()` one that a module
   *   exports. A manager that only connects needs none.
   * @param options see {@link RegisterOptions}
   * @throws {TypeError} ERR_INVALID_ARG_TYPE
   */
  static register(typeid: string, factory?: Function, options: RegisterOptions = {}): void {
    // biome-ignore lint/complexity/noThisInStatic: a subclass registers with itself
    addRegistration(this, registrationOf(typeid, factory, options));
    if (options.proxy) useProxyClass(typeid, options.proxy as ProxyClass);
    // biome-ignore lint/complexity/noThisInStatic: as above
    if (options.createMethod !== false) addMethod(this, typeid);
  }

  /** Where the server listens, with the port that it got. */
  get address(): ReportedAddress {
    if (this.#reported) return this.#reported;
    const address = this.#address;
    return address.family === "unix" ? address.path : [address.host, address.port];
  }

  /** The process of a server that was started; `exitcode` is -N when signal N ended it. */
  get process(): { readonly pid: number; readonly exitcode: number | undefined } | undefined {
    return this.#process;
  }

  get #key(): Uint8Array {
    return this.#options.authkey ?? currentProcess().authkey;
  }

  get #config(): ServerConfig {
    const { limits, backlog, functions, tls, lostAfter } = this.#options;
    const { registrations, withBuiltIn } = this.constructor as typeof BaseManager;
    return {
      target: { address: this.#address, key: this.#key, tls, lostAfter },
      limits,
      backlog,
      functions,
      registrations: [...registrations.values()],
      withBuiltIn,
    };
  }

  #expect(state: State, doing: string): void {
    if (this.#state === state) return;
    const right = state === "initial" ? "it must not have been started, or connected, before" : `it was not ${state}`;
    throw new ManagerError("ERR_MANAGER_STATE", `cannot ${doing} the manager: ${right}, and is ${this.#state}`);
  }

  /**
   * Starts the server, in a process that ends with this one at the latest.
   * @param initializer runs there first: a function that a module exports
   * @throws {ManagerError} ERR_MANAGER_STATE; ERR_SERVER_DIED when the process ended before it served
   * @throws {CodecError} ERR_NOT_SERIALIZABLE, @throws {IpcError} ERR_FUNCTION_NOT_FOUND when a factory or function is
   *   exported by no module
   * @throws {BootstrapError} ERR_BOOTSTRAP when the server itself tries to, while it imports the modules of factories
   * @throws {Error} EADDRINUSE, ... as of node:net; what the initializer throws
   *
   * Blocks: the caller only, for as long as Node takes to boot.
   */
  async start<A extends unknown[]>(initializer?: (...args: A) => unknown, initargs?: A): Promise<void> {
    if (initializer !== undefined && typeof initializer !== "function")
      throw invalidType("start the manager", "initializer must be a function", initializer);
    refuseWhileImporting();
    this.#expect("initial", "start");
    this.#state = "started";
    nameFactories();
    this.#starting = ServerProcess.start({ config: this.#config, initializer, initargs: initargs ?? [] });
    try {
      await this.#use(await this.#starting);
    } catch (error) {
      if (!this.#ending) this.#state = "initial";
      throw error;
    }
  }

  /** The server that was started is to end if it cannot be reached. */
  async #use(started: ServerProcess): Promise<void> {
    this.#process = started;
    this.#refuseIfEnding("start");
    const { address, server } = started.ready;
    const client = clientOf(server, this.#targetAt(address));
    client.managers++;
    try {
      await client.connected();
      this.#refuseIfEnding("start");
    } catch (error) {
      leaveClient(client);
      await started.shutdown(this.#options.shutdownTimeout);
      throw error;
    }
    this.#reported = address;
    this.#client = client;
  }

  /** @throws {ManagerError} ERR_MANAGER_STATE when `shutdown` was called meanwhile */
  #refuseIfEnding(doing: string): void {
    if (!this.#ending) return;
    throw new ManagerError("ERR_MANAGER_STATE", `cannot ${doing} the manager: it was shut down meanwhile`);
  }

  #targetAt(reported: ReportedAddress) {
    const { tls, authkey, lostAfter } = this.#options;
    const address = parseAddress(reachable(reported), undefined, "reach the manager");
    return { address, key: authkey, tls, lostAfter };
  }

  /**
   * Connects to a server that runs at the address already.
   * @throws {ConnectionLostError} ERR_CANNOT_CONNECT; {AuthenticationError} ERR_AUTHENTICATION; {ManagerError} ERR_TOO_MANY_CONNECTIONS
   */
  async connect(): Promise<void> {
    this.#expect("initial", "connect");
    const { tls, authkey, lostAfter } = this.#options;
    this.#client = await connectTo({ address: this.#address, key: authkey, tls, lostAfter });
    this.#client.managers++;
    if (this.#ending) leaveClient(this.#client);
    this.#refuseIfEnding("connect");
    this.#state = "connected";
  }

  /** A server of this process, which does not serve yet. @throws {ManagerError} ERR_MANAGER_STATE */
  getServer(): Server {
    this.#expect("initial", "serve as");
    return new Server(this.#config);
  }

  /** @throws {ManagerError} ERR_MANAGER_STATE before `start` or `connect` */
  #reach(): Client {
    if (this.#client && this.#state !== "shut down") return this.#client;
    const reason = this.#state === "shut down" ? "it was shut down" : "it was neither started nor connected yet";
    throw new ManagerError("ERR_MANAGER_STATE", `cannot use the manager: ${reason}`);
  }

  /**
   * Makes an object of a registered type in the server.
   * @throws {ManagerError} ERR_TYPE_NOT_REGISTERED; what its factory throws
   */
  async create<P extends BaseProxy = BaseProxy>(typeid: string, ...args: unknown[]): Promise<P> {
    return this.#reach().call(SERVER, "create", [typeid, ...args]) as Promise<P>;
  }

  /**
   * As {@link create}, but blocks the thread.
   *
   * Blocks: the thread.
   */
  createSync<P extends BaseProxy = BaseProxy>(typeid: string, ...args: unknown[]): P {
    return this.#reach().callSync(SERVER, "create", [typeid, ...args]) as P;
  }

  /** How many objects of the server somebody has a reference to. */
  async numberOfObjects(): Promise<number> {
    return this.#reach().call(SERVER, "numberOfObjects", []) as Promise<number>;
  }

  /** Who is connected, by their own account: "process 4711", "process 4711, thread 2"; this thread too. */
  async clients(): Promise<string[]> {
    return this.#reach().call(SERVER, "clients", []) as Promise<string[]>;
  }

  /** A line for each object: its number, type, and how many references there are to it. */
  async debugInfo(): Promise<string> {
    return this.#reach().call(SERVER, "debugInfo", []) as Promise<string>;
  }

  /** Waits for the end of the server that was started; whether it came within `timeout` milliseconds. */
  async join(options?: SyncWaitOptions): Promise<boolean> {
    const timeout = timeoutOf(options, "join the manager");
    if (!this.#process) this.#expect("started", "join");
    return this.#process!.join(timeout);
  }

  /**
   * Ends the server that was started, within twice `shutdownTimeout`; of one that was connected to, this thread's connection,
   * unless another manager uses it. Again: waits for the same.
   */
  shutdown(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#state = "shut down";
    if (this.#client) leaveClient(this.#client);
    const process = await this.#starting?.catch(() => undefined); // it may be about to start
    await process?.shutdown(this.#options.shutdownTimeout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  [inspect.custom](): string {
    const shown = shownAddress(parseAddress(this.address, undefined, "show the manager"));
    return `<${this.constructor.name}(${this.#state}, ${shown})>`;
  }
}

/** Whoever replaced one of these would have no manager any more; `then` would make it a promise. */
const OWN_METHODS = new Set([
  ...Object.getOwnPropertyNames(BaseManager.prototype),
  ...Object.getOwnPropertyNames(Object.prototype),
  "then",
]);

/** A class has what its base had when it registered its first type. */
function addRegistration(cls: typeof BaseManager, registration: Registration): void {
  if (!Object.hasOwn(cls, "registrations"))
    Object.defineProperty(cls, "registrations", { value: new Map(cls.registrations) });
  cls.registrations.set(registration.typeid, registration);
}

function addMethod(cls: typeof BaseManager, typeid: string): void {
  const value = function (this: BaseManager, ...args: unknown[]) {
    return this.create(typeid, ...args);
  };
  Object.defineProperty(cls.prototype, typeid, { value, writable: true, configurable: true });
}

function registrationOf(typeid: unknown, factory: unknown, options: RegisterOptions): Registration {
  const doing = "register a type";
  if (typeof typeid !== "string" || typeid === "")
    throw invalidType(doing, "typeid must be a non-empty string", typeid);
  if (factory !== undefined && typeof factory !== "function")
    throw invalidType(doing, "factory must be a class or a function", factory);
  if (typeof options !== "object" || options === null) throw invalidType(doing, "options must be an object", options);
  const { exposed, proxy, methodToName = {}, createMethod = true } = options;
  if (createMethod && OWN_METHODS.has(typeid))
    throw invalidType(doing, "a manager has a method of its own that is called so: use createMethod: false", typeid);
  if (exposed !== undefined && !(Array.isArray(exposed) && exposed.every((name) => typeof name === "string")))
    throw invalidType(doing, "exposed must be an array of names", exposed);
  if (exposed?.includes("then"))
    throw invalidType(doing, "exposed must not name then: its proxies could not be awaited", exposed);
  if (proxy !== undefined && !isProxyClass(proxy))
    throw invalidType(doing, "proxy must be a class that extends BaseProxy", proxy);
  if (!isRecordOfNames(methodToName))
    throw invalidType(doing, "methodToName must have a typeid for each method", methodToName);
  return {
    typeid,
    factory: factory as Function | undefined,
    exposed,
    results: methodToName,
    ownProxy: proxy !== undefined,
  };
}

function isProxyClass(cls: unknown): boolean {
  return typeof cls === "function" && cls.prototype instanceof BaseProxy;
}

function isRecordOfNames(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((name) => typeof name === "string");
}
