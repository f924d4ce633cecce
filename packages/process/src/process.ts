/** A process that runs a function, or a subclass's `run`. */
import { inspect } from "node:util";
import type { Waitable } from "@cordage/ipc";
import { blockingCalls, invalidType, OutgoingDescriptors, resolveReference } from "@cordage/ipc/sys";
import { ProcessError } from "./errors.js";
import { addBaseClass } from "./internal/base-classes.js";
import { packBody, type Work } from "./internal/body.js";
import { ChildProcess } from "./internal/child-process.js";
import { currentDirectory } from "./internal/current-directory.js";
import { refuseWhileImporting } from "./internal/importing.js";
import { launch } from "./internal/launch.js";
import type { LaunchRequest } from "./internal/launched.js";
import { type Identity, packPreparation } from "./internal/preparation.js";
import { type StartMethod, self } from "./internal/self.js";
import { SIGINT, SIGKILL, SIGTERM } from "./internal/signals.js";
import { defaultMethod } from "./internal/start-method.js";

export type Target = (...args: any[]) => unknown;

export interface ProcessOptions<F extends Target> {
  /** Must be absent; it is there because Python has it. */
  group?: undefined;
  /** What the process runs: an exported function, one named by `task()`, or a URL with a fragment. */
  target?: F | URL;
  /** Its arguments: anything that can be cloned, shared objects included. */
  args?: Readonly<Parameters<F>> | Iterable<unknown>;
  /** Passed to the target as one last argument. */
  kwargs?: object;
  /** For people; default: the name of the class and a number, `Process-1`. */
  name?: string;
  /** A daemon dies with its parent and may have no children; default: as the current process. */
  daemon?: boolean;
}

/** What the child side builds a process object from, without running a subclass's constructor. */
export class Revival {
  constructor(
    readonly target: Target | undefined,
    readonly args: unknown[],
    readonly kwargs: object | undefined,
  ) {}
}

/**
 * A process, by Python's rules.
 *
 * @example
 * export function f(name: string) { console.log("hello", name); }
 * if (isMain(import.meta)) {
 *   const p = new Process({ target: f, args: ["alvin"] });
 *   p.start();
 *   await p.join();
 * }
 *
 * Differs from Python: times are milliseconds; `join` is a promise and `joinSync` blocks; the target may be async, and
 * the child ends when it has settled and its event loop is empty. Source: CPython multiprocessing/process.py.
 */
export class Process<F extends Target = Target> {
  /** The start method of the context that this class belongs to; undefined means the default one. */
  static readonly startMethod: StartMethod | undefined = undefined;

  #work: Work | undefined;
  #name: string;
  #daemon: boolean;
  #authkey: Buffer | undefined;
  readonly #identity: number[];
  readonly #creator = process.pid;
  #child: ChildProcess | undefined;
  #closed = false;
  readonly #sentinel: Waitable = { fileno: () => this.#started("use the sentinel of").sentinel() };

  constructor(options: ProcessOptions<F> = {}) {
    if ((options as unknown) instanceof Revival) {
      const revival = options as unknown as Revival;
      this.#work = { target: revival.target, args: revival.args, kwargs: revival.kwargs };
      this.#identity = self.identity;
    } else {
      this.#work = checkedWork(options);
      this.#identity = [...self.identity, ++self.children];
    }
    this.#name =
      options instanceof Revival ? self.name : (options.name ?? `${new.target.name}-${this.#identity.join(":")}`);
    this.#daemon = options instanceof Revival ? self.daemon : (options.daemon ?? self.daemon);
  }

  /** What the child does: calls the target. Override it in a subclass, which must be exported. */
  run(): unknown {
    const { target, args, kwargs } = this.#work ?? { target: undefined, args: [], kwargs: undefined };
    const all = kwargs === undefined ? args : [...args, kwargs];
    if (target instanceof URL) return resolveReference(target).then((found) => (found as Target)(...all));
    return target?.(...all);
  }

  /**
   * Starts the child. Once only.
   * @throws {ProcessError} ERR_PROCESS_STARTED, ERR_NOT_PARENT, ERR_DAEMON_CHILDREN, ERR_PROCESS_CLOSED
   * @throws {BootstrapError} ERR_BOOTSTRAP when a child starts one while it is still importing its modules
   * @throws {CodecError} ERR_NOT_SERIALIZABLE when an argument cannot travel, or they hold more than 240 connections
   * @throws {SystemError} when the system refuses (EAGAIN, EMFILE, ENOMEM)
   *
   * Blocks: for as long as the system takes to make a process.
   */
  start(): void {
    this.#mayStart();
    const method = (this.constructor as typeof Process).startMethod ?? defaultMethod();
    const transfer = new OutgoingDescriptors(MOST_DESCRIPTORS);
    try {
      this.#child = new ChildProcess(launch(method, this.#request(method, transfer)), this.#daemon, this);
    } catch (error) {
      transfer.unsent();
      throw error;
    }
    this.#work = undefined; // the child has it; nothing here should keep it alive
  }

  #request(method: StartMethod, transfer: OutgoingDescriptors): LaunchRequest {
    const identity: Identity = {
      name: this.#name,
      daemon: this.#daemon,
      authkey: this.authkey,
      identity: this.#identity,
      parent: { pid: process.pid, name: self.name },
      method,
      argv: process.argv.slice(1),
      cwd: currentDirectory(),
    };
    return { identity, encode: () => this.#encode(identity, transfer), run: () => this.run() };
  }

  #encode(identity: Identity, transfer: OutgoingDescriptors): { data: Uint8Array; descriptors: readonly number[] } {
    const body = packBody(this, this.#work!, transfer);
    const env = identity.method === "forkserver" ? { ...process.env } : undefined;
    return { data: packPreparation({ ...identity, env, body }), descriptors: transfer.descriptors };
  }

  #mayStart(): void {
    this.#open("start");
    if (this.#child) throw new ProcessError("ERR_PROCESS_STARTED", "cannot start the process: it was started before");
    if (this.#creator !== process.pid)
      throw new ProcessError("ERR_NOT_PARENT", "cannot start the process: another process made this object");
    refuseWhileImporting();
    if (self.daemon)
      throw new ProcessError("ERR_DAEMON_CHILDREN", "cannot start the process: a daemon may not have children");
  }

  #open(doing: string): void {
    if (this.#closed) throw new ProcessError("ERR_PROCESS_CLOSED", `cannot ${doing} the process: it is closed`);
  }

  #started(doing: string): ChildProcess {
    this.#open(doing);
    if (this.#child && this.#creator === process.pid) return this.#child;
    if (this.#creator !== process.pid)
      throw new ProcessError("ERR_NOT_PARENT", `cannot ${doing} the process: it is not a child of this one`);
    throw new ProcessError("ERR_PROCESS_NOT_STARTED", `cannot ${doing} the process: it was not started`);
  }

  /**
   * Resolves when the child has ended, or after `timeout` milliseconds; `exitcode` tells which.
   *
   * Blocks: the caller only.
   */
  async join(timeout?: number): Promise<void> {
    const child = this.#started("join");
    const limit = checkedTimeout(timeout);
    if (child.poll() !== undefined) return;
    if (limit === Number.POSITIVE_INFINITY) return child.end(undefined);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(Math.max(limit, 0), 2 ** 31 - 1));
    });
    await child.end(late);
    clearTimeout(timer);
  }

  /** As {@link join}. Blocks: the thread. */
  joinSync(timeout?: number): void {
    this.#started("join").waitSync(checkedTimeout(timeout));
  }

  /** Whether the child runs. The current process's own object says true. */
  isAlive(): boolean {
    this.#open("look at");
    return this.#child !== undefined && this.#child.poll() === undefined;
  }

  /** Sends SIGTERM. In a thread: ends it at its next instruction. */
  terminate(): void {
    this.#started("terminate").signal(SIGTERM);
  }

  /** Sends SIGKILL. */
  kill(): void {
    this.#started("kill").signal(SIGKILL);
  }

  /** Sends SIGINT: a child without a handler of its own ends with exit code 1. */
  interrupt(): void {
    this.#started("interrupt").signal(SIGINT);
  }

  /**
   * Gives up what the object holds. Twice is fine.
   * @throws {ProcessError} ERR_PROCESS_RUNNING while the child runs
   */
  close(): void {
    if (this.#child?.poll() === undefined && this.#child)
      throw new ProcessError(
        "ERR_PROCESS_RUNNING",
        "cannot close the process: it still runs; join or terminate it first",
      );
    this.#child?.closeSentinel();
    this.#closed = true;
    this.#work = undefined;
  }

  [Symbol.dispose](): void {
    if (this.#child && !this.#closed) this.joinSync();
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child && !this.#closed) await this.join();
    this.close();
  }

  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    if (typeof name !== "string") throw invalidType("name the process", "the name must be a string", name);
    this.#name = name;
  }

  get daemon(): boolean {
    return this.#daemon;
  }

  /** @throws {ProcessError} ERR_PROCESS_STARTED after the start */
  set daemon(daemon: boolean) {
    if (this.#child) throw new ProcessError("ERR_PROCESS_STARTED", "cannot change daemon: the process was started");
    this.#daemon = Boolean(daemon);
  }

  /** The child's process id; undefined before the start. In a thread, this process's own. */
  get pid(): number | undefined {
    this.#open("look at");
    return this.#child?.pid;
  }

  /** The same as `pid`. */
  get ident(): number | undefined {
    return this.pid;
  }

  /** The exit code once the child has ended; -N when signal N ended it. */
  get exitcode(): number | undefined {
    this.#open("look at");
    return this.#child?.poll();
  }

  /** What this process and its children prove to each other over connections. */
  get authkey(): Buffer {
    return this.#authkey ?? self.authkey;
  }

  set authkey(key: Uint8Array) {
    this.#authkey = Buffer.from(key);
  }

  /** Something to give to `wait()`: ready once the child has ended, and from then on. */
  get sentinel(): Waitable {
    this.#started("use the sentinel of");
    return this.#sentinel;
  }

  toString(): string {
    const exitcode = this.#closed ? undefined : this.#child?.poll();
    const state = this.#closed ? "closed" : !this.#child ? "initial" : exitcode === undefined ? "started" : "stopped";
    const parts = [`name='${this.#name}'`, `parent=${this.#creator}`, state];
    if (this.#child && !this.#closed) parts.splice(1, 0, `pid=${this.#child.pid}`);
    if (exitcode !== undefined) parts.push(`exitcode=${exitcode}`);
    if (this.#daemon) parts.push("daemon");
    return `<${this.constructor.name} ${parts.join(" ")}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

addBaseClass(Process);

function checkedWork<F extends Target>(options: ProcessOptions<F>): Work {
  const doing = "make a process";
  if (typeof options !== "object" || options === null)
    throw invalidType(doing, "it takes one object like { target: f, args: [1] }", options);
  const { group, target, args = [], kwargs } = options;
  if (group !== undefined && group !== null) throw invalidType(doing, "group must be absent", group);
  if (target !== undefined && target !== null && typeof target !== "function" && !(target instanceof URL))
    throw invalidType(doing, "target must be a function or a URL with a fragment", target);
  if (typeof args === "string" || typeof (args as Iterable<unknown>)[Symbol.iterator] !== "function")
    throw invalidType(doing, "args must be an array of arguments", args);
  if (kwargs !== undefined && (typeof kwargs !== "object" || kwargs === null))
    throw invalidType(doing, "kwargs must be an object", kwargs);
  if (options.name !== undefined && typeof options.name !== "string")
    throw invalidType(doing, "name must be a string", options.name);
  return { target: target ?? undefined, args: Array.from(args as Iterable<unknown>), kwargs };
}

function checkedTimeout(timeout: number | undefined): number {
  if (timeout === undefined || timeout === null) return Number.POSITIVE_INFINITY;
  if (typeof timeout !== "number" || Number.isNaN(timeout))
    throw invalidType("join the process", "timeout must be a number of milliseconds", timeout);
  return timeout;
}

/** A fork server gets them in one message, which carries 253 (SCM_MAX_FD), those of every child among them. */
const MOST_DESCRIPTORS = 240;

blockingCalls("Process", Process.prototype, { joinSync: ["join"] });
