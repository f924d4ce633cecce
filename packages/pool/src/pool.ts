/** The pool: what users call. What it does with the calls is in internal/core.ts. */
import { inspect } from "node:util";
import { invalidType, signalOf } from "@cordage/ipc/sys";
import { AsyncResult, type Callbacks } from "./async-result.js";
import { PoolError } from "./errors.js";
import { ImapIterator } from "./imap-iterator.js";
import { ApplyJob } from "./internal/apply-job.js";
import { Cancellation } from "./internal/cancellation.js";
import { Core } from "./internal/core.js";
import { encodeTask } from "./internal/encode-task.js";
import { APPLY, type Kind, MAP, STARMAP } from "./internal/frames.js";
import { poolFunction } from "./internal/functions.js";
import { ImapJob } from "./internal/imap-job.js";
import { refuseWhileImporting } from "./internal/importing.js";
import { MapJob } from "./internal/map-job.js";
import {
  argumentsOf,
  buffersizeOf,
  callbackOf,
  chunksizeOf,
  coreOptions,
  itemsOf,
  limitOf,
  optionsOf,
  type PoolOptions,
  retriesOf,
} from "./internal/options.js";
import { Progress } from "./internal/progress.js";
import { Task } from "./internal/task.js";
import { leavesForkedChild } from "./internal/worker.js";
import { type PoolStats, poolStats } from "./stats.js";

type Callable = (...args: any[]) => any;
type Result<F extends Callable> = Awaited<ReturnType<F>>;
type Item<F extends Callable> = Parameters<F>[0];
type Items<T> = Iterable<T> | AsyncIterable<T>;

/** How one call is made. */
export interface ApplyOptions {
  /** Milliseconds that the task may run; then it fails with ERR_TASK_TIMEOUT, and so it ends. */
  timeout?: number | undefined;
  /** Cancels the task: waiting, it is never run; running, its {@link taskSignal} aborts, and its worker ends if it goes on. */
  signal?: AbortSignal | undefined;
  /** How often the task may be given to another worker when the one that held it has died. Default 0. */
  retries?: number | undefined;
}

export interface ApplyAsyncOptions<R = any> extends ApplyOptions, Callbacks<R> {}

/** How a map is made. */
export interface MapOptions {
  /** How many items make one task; by default about a quarter of what each worker has to do, and at most 4096. */
  chunksize?: number | undefined;
  /** Draws a progress bar on stderr if that is a terminal: true, or a title. */
  progress?: boolean | string | undefined;
  /** Cancels all of it. */
  signal?: AbortSignal | undefined;
  /** As of {@link ApplyOptions}, for each chunk. */
  retries?: number | undefined;
}

export interface MapAsyncOptions<R = any> extends MapOptions, Callbacks<R> {}

/** How an imap is made. */
export interface ImapOptions {
  /** How many items make one task. Default 1. */
  chunksize?: number | undefined;
  /** How many items may be read and not yet handed over. Default: no limit, the input is read as workers come free. */
  buffersize?: number | undefined;
  /** As of {@link ApplyOptions}, for each chunk. */
  retries?: number | undefined;
}

const MOST_IN_CHUNK = 4096;

/** Running pools that nobody has any more are ended, once what they have to do is done: somebody may wait for it. */
const dropped = new FinalizationRegistry<Core>((core) => {
  if (core.state !== "running") return;
  process.emitWarning("a pool was dropped while it ran: close() or terminate() it", "ResourceWarning");
  core.close();
});
const droppedIterators = new FinalizationRegistry<ImapJob>((job) => {
  job.abandon().catch((error) => process.emitWarning(`the input of a dropped imap threw from return(): ${error}`));
});

/**
 * Worker processes that run functions.
 *
 * A task that was submitted is settled exactly once. A worker that dies, however it does, fails the tasks that it had
 * begun with {@link WorkerDiedError}, or has them tried again where `retries` says so; another takes its place, and the
 * rest go on. Functions are given as such: exported from a module, named by `task()`, or as a URL with a fragment; each
 * worker imports the module once. Arguments and results are copied; shared objects (SharedArray, Lock, Queue, ...)
 * travel as handles.
 *
 * @example
 * export function square(n: number) { return n * n; }
 * if (isMain(import.meta)) {
 *   await using pool = new Pool({ processes: 4 });
 *   console.log(await pool.map(square, [1, 2, 3]));
 * }
 *
 * Differs from Python: times are milliseconds; `apply` and `map` are promises; a terminated pool fails its tasks
 * rather than leave them pending. Source: CPython multiprocessing/pool.py.
 */
export class Pool {
  readonly #core: Core;

  /**
   * Starts the workers.
   * @throws {RangeError} ERR_OUT_OF_RANGE, {TypeError} ERR_INVALID_ARG_TYPE for bad options
   * @throws {SystemError}, {ProcessError} when a worker cannot be started; then none is left
   * @throws {BootstrapError} ERR_BOOTSTRAP in a worker that imports the module of a task's function: guard the main part
   *
   * Blocks: for as long as the system takes to make the processes.
   */
  constructor(options: PoolOptions<any> = {}) {
    refuseWhileImporting();
    this.#core = new Core(coreOptions(options));
    dropped.register(this, this.#core, this);
  }

  /**
   * Calls `fn(...args)` in a worker; resolves with what it returns, or resolves to.
   *
   * Waits for its turn where `maxQueue` calls wait already.
   * @throws what the function threw, with the stack that it had there as `cause`
   * @throws {WorkerDiedError} ERR_WORKER_DIED when the worker died that ran it
   * @throws {CodecError} ERR_NOT_SERIALIZABLE when an argument, or the function, cannot travel
   * @throws {MaybeEncodingError} ERR_RESULT_NOT_SERIALIZABLE when the result cannot
   * @throws {IpcError} ERR_FUNCTION_NOT_FOUND when the worker cannot find the function
   * @throws {TimeoutError} ERR_TASK_TIMEOUT when it ran for longer than `timeout`
   * @throws {PoolClosedError} ERR_POOL_CLOSED; {PoolError} ERR_POOL_TERMINATED, ERR_POOL_BROKEN, ERR_POOL_INITIALIZER
   * @throws the reason of `signal` when that aborts
   *
   * Blocks: the caller only.
   */
  async apply<F extends Callable>(
    fn: F | URL,
    args?: Readonly<Parameters<F>>,
    options?: ApplyOptions,
  ): Promise<Result<F>> {
    const core = this.#core;
    const signal = signalOf(optionsOf(options, "apply").signal, "apply");
    while (core.state === "running" && core.queueFull) {
      signal?.throwIfAborted();
      await core.room(signal);
    }
    return this.#submit("apply", fn, args, options);
  }

  /**
   * As {@link apply}, but returns at once. One of the callbacks is called, before whoever waits goes on.
   * @throws {PoolError} ERR_POOL_QUEUE_FULL when `maxQueue` calls wait already
   * @throws {PoolClosedError} ERR_POOL_CLOSED, {TypeError}, {RangeError} for bad arguments; the rest reaches the result
   *
   * Blocks: never.
   */
  applyAsync<F extends Callable>(
    fn: F | URL,
    args?: Readonly<Parameters<F>>,
    options?: ApplyAsyncOptions<Result<F>>,
  ): AsyncResult<Result<F>> {
    const doing = "apply asynchronously";
    if (this.#core.queueFull) {
      this.#core.mustBeOpen(doing);
      throw new PoolError("ERR_POOL_QUEUE_FULL", `cannot ${doing}: as many calls wait as maxQueue allows`);
    }
    return this.#submit(doing, fn, args, options);
  }

  #submit(
    doing: string,
    fn: Callable | URL,
    args: readonly unknown[] | undefined,
    options: ApplyAsyncOptions | undefined,
  ): AsyncResult<any> {
    const core = this.#core;
    core.mustBeOpen(doing);
    const list = argumentsOf(args, doing);
    const wishes = options === undefined ? NO_WISHES : wishesOf(options, doing);
    const result = new AsyncResult<any>(core, wishes.callbacks);
    const job = new ApplyJob(result);
    try {
      const task = new Task(job, poolFunction(fn, doing), APPLY, 0);
      if (options !== undefined) this.#follow(task, job, wishes);
      encodeTask(task, list, core.parcels);
      core.submit(task);
    } catch (error) {
      job.cancellation?.end();
      if (isMisuse(error) || leavesForkedChild(error)) throw error;
      AsyncResult.fail(result, error);
    }
    return result;
  }

  #follow(task: Task, job: ApplyJob, { limit, retries, signal }: Wishes): void {
    task.limit = limit;
    task.retries = retries;
    if (!signal) return;
    signal.throwIfAborted();
    job.cancellation = new Cancellation(signal, (reason) => this.#core.cancel(task, reason));
  }

  /**
   * Calls `fn(item)` for each item; resolves with the list of the results, in the order of the items.
   *
   * Does not fail fast: when all chunks are done it rejects with the first error. The chunk in which a call throws ends
   * there.
   * @throws as {@link apply}; what the iteration of `items` throws
   *
   * Blocks: the caller only.
   */
  async map<F extends Callable>(fn: F | URL, items: Items<Item<F>>, options?: MapOptions): Promise<Result<F>[]> {
    return this.#map("map", MAP, fn, await listOf(items, "map", this.#core), options);
  }

  /** As {@link map}, but returns at once. Async iterables are for {@link map} and {@link imap}. */
  mapAsync<F extends Callable>(
    fn: F | URL,
    items: Iterable<Item<F>>,
    options?: MapAsyncOptions<Result<F>[]>,
  ): AsyncResult<Result<F>[]> {
    return this.#map("map asynchronously", MAP, fn, listNow(items, "map asynchronously", this.#core), options);
  }

  /** As {@link map}, but each item is a list of arguments: `fn(...item)`. */
  async starmap<F extends Callable>(
    fn: F | URL,
    items: Items<Readonly<Parameters<F>>>,
    options?: MapOptions,
  ): Promise<Result<F>[]> {
    return this.#map("starmap", STARMAP, fn, await listOf(items, "starmap", this.#core), options);
  }

  /** As {@link starmap}, but returns at once. */
  starmapAsync<F extends Callable>(
    fn: F | URL,
    items: Iterable<Readonly<Parameters<F>>>,
    options?: MapAsyncOptions<Result<F>[]>,
  ): AsyncResult<Result<F>[]> {
    return this.#map(
      "starmap asynchronously",
      STARMAP,
      fn,
      listNow(items, "starmap asynchronously", this.#core),
      options,
    );
  }

  #map(
    doing: string,
    kind: Kind,
    fn: Callable | URL,
    items: unknown[],
    options: MapAsyncOptions | undefined,
  ): AsyncResult<any> {
    const core = this.#core;
    core.mustBeOpen(doing);
    const given = optionsOf(options, doing);
    const chunksize = chunksizeOf(given.chunksize, doing, this.#chunksizeFor(items.length));
    const signal = signalOf(given.signal, doing);
    const retries = retriesOf(given.retries, doing);
    if (kind === STARMAP) for (const [i, item] of items.entries()) items[i] = argumentsOf(item ?? null, doing);
    const result = new AsyncResult<any>(core, callbacksOf(given, doing));
    try {
      signal?.throwIfAborted();
      const source = poolFunction(fn, doing);
      const job = new MapJob(result, source, kind, items, chunksize, retries, core.parcels, signal !== undefined);
      if (given.progress) followProgress(job, result, items.length, given.progress, source.name);
      if (signal) job.cancellation = new Cancellation(signal, (reason) => core.cancelAll(job, job.tasks!, reason));
      if (!job.exhausted) core.addSource(job);
    } catch (error) {
      if (isMisuse(error) || leavesForkedChild(error)) throw error;
      AsyncResult.fail(result, error);
    }
    return result;
  }

  /** As Python's: about four chunks for each worker; but bounded, so that the first results come soon. */
  #chunksizeFor(length: number): number {
    const { size } = this.#core;
    return Math.min(Math.max(Math.ceil(length / (size * 4)), 1), MOST_IN_CHUNK);
  }

  /**
   * Calls `fn(item)` for each item and hands over the results in the order of the items, as they come. Reads `items`,
   * which may be asynchronous, as workers come free, and no more than `buffersize` ahead of you.
   *
   * An error of one call is thrown in its place. What the iteration of `items` throws comes after all results before it.
   * @throws {PoolClosedError} ERR_POOL_CLOSED, {TypeError}, {RangeError} for bad arguments, {CodecError}
   *
   * Blocks: never; the iterator's `next` the caller only.
   */
  imap<F extends Callable>(fn: F | URL, items: Items<Item<F>>, options?: ImapOptions): ImapIterator<Result<F>> {
    return this.#imap("imap", fn, items, options, true);
  }

  /** As {@link imap}, but hands over the results in the order in which they come. */
  imapUnordered<F extends Callable>(
    fn: F | URL,
    items: Items<Item<F>>,
    options?: ImapOptions,
  ): ImapIterator<Result<F>> {
    return this.#imap("imap unordered", fn, items, options, false);
  }

  #imap(
    doing: string,
    fn: Callable | URL,
    items: unknown,
    options: ImapOptions | undefined,
    ordered: boolean,
  ): ImapIterator<any> {
    const core = this.#core;
    core.mustBeOpen(doing);
    const given = optionsOf(options, doing);
    const job = new ImapJob(core, {
      fn: poolFunction(fn, doing),
      items: itemsOf(items, doing),
      chunksize: chunksizeOf(given.chunksize, doing, 1),
      buffersize: buffersizeOf(given.buffersize, doing),
      retries: retriesOf(given.retries, doing),
      ordered,
    });
    const iterator = new ImapIterator<any>(job);
    droppedIterators.register(iterator, job);
    core.addSource(job);
    return iterator;
  }

  /** Takes no more tasks; the workers end when those there are, are done. */
  close(): void {
    this.#core.close();
  }

  /**
   * Ends the workers at once, and fails the tasks that are not done with ERR_POOL_TERMINATED. Resolves once no worker
   * is left: a worker that ignores SIGTERM is killed after a second.
   */
  async terminate(): Promise<void> {
    this.#core.terminate();
    await this.#core.join();
  }

  /**
   * Resolves once all tasks are done and no worker is left.
   * @throws {PoolError} ERR_POOL_RUNNING before {@link close} or {@link terminate}
   *
   * Blocks: the caller only.
   */
  async join(): Promise<void> {
    await this.#core.join();
  }

  /** What happens in the pool at this moment, and what has happened. */
  stats(): PoolStats {
    return poolStats(this.#core);
  }

  /** Terminates, as the end of Python's `with`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }

  [inspect.custom](): string {
    const { state, crew } = this.#core;
    return `<${this.constructor.name}(${state}, ${crew.workers.size} workers)>`;
  }
}

interface Wishes {
  readonly callbacks: Callbacks<any> | undefined;
  readonly signal: AbortSignal | undefined;
  readonly limit: number | undefined;
  readonly retries: number;
}

const NO_WISHES: Wishes = { callbacks: undefined, signal: undefined, limit: undefined, retries: 0 };

function wishesOf(options: ApplyAsyncOptions, doing: string): Wishes {
  const given = optionsOf(options, doing);
  return {
    callbacks: callbacksOf(given, doing),
    signal: signalOf(given.signal, doing),
    limit: limitOf(given.timeout, doing),
    retries: retriesOf(given.retries, doing),
  };
}

function callbacksOf<R>(given: Callbacks<R>, doing: string): Callbacks<R> | undefined {
  const { callback, errorCallback } = given;
  callbackOf(callback, "callback", doing);
  callbackOf(errorCallback, "errorCallback", doing);
  return callback || errorCallback ? { callback, errorCallback } : undefined;
}

/** Errors of the caller's program, which are thrown where it calls. */
function isMisuse(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "ERR_INVALID_ARG_TYPE" || code === "ERR_OUT_OF_RANGE";
}

/** A pool that takes no more tasks does not read them either. */
async function listOf<T>(items: Items<T>, doing: string, core: Core): Promise<T[]> {
  core.mustBeOpen(doing);
  const some = itemsOf(items, doing);
  if (!(Symbol.asyncIterator in some)) return listNow(items as Iterable<T>, doing, core);
  const list: T[] = [];
  for await (const item of some as AsyncIterable<T>) list.push(item);
  return list;
}

function listNow<T>(items: Iterable<T>, doing: string, core: Core): T[] {
  core.mustBeOpen(doing);
  const some = itemsOf(items, doing);
  if (!(Symbol.iterator in some)) throw invalidType(doing, "it needs an iterable that is not asynchronous", items);
  return Array.isArray(items) ? items.slice() : Array.from(items);
}

function followProgress(
  job: MapJob,
  result: AsyncResult<any>,
  total: number,
  title: boolean | string,
  name: string,
): void {
  const progress = new Progress(total, typeof title === "string" ? title : name);
  job.onProgress = (count) => progress.advance(count);
  const end = (): void => progress.end();
  void result.wait().then(end, end);
}
