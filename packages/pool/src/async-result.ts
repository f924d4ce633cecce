/** What a pool will have to say, some day, about a task or a map. */
import { inspect } from "node:util";
import { type SyncWaitOptions, TimeoutError, type WaitOptions } from "@cordage/ipc";
import { blockingCalls, timeoutOf } from "@cordage/ipc/sys";
import { PoolError } from "./errors.js";
import type { Core } from "./internal/core.js";
import { observed, unobserved } from "./internal/unobserved.js";

const PENDING = 0;
const SUCCEEDED = 1;
const FAILED = 2;

const DOING = "get the result";
/** Longer than a timer of Node can hold: as good as no limit. */
const LONGEST_TIMER = 2 ** 31;

/** What a caller wants to be told. */
export interface Callbacks<R> {
  callback?: ((value: R) => void) | undefined;
  errorCallback?: ((error: any) => void) | undefined;
}

/**
 * The result of {@link Pool.applyAsync} and its kin: `await` it, or ask it.
 *
 * An error that nobody has asked for when the result is collected, or the process ends, is printed on stderr.
 *
 * Source: CPython multiprocessing/pool.py `ApplyResult`.
 */
export class AsyncResult<R> implements PromiseLike<R> {
  #state: 0 | 1 | 2 = PENDING;
  #value: unknown;
  #promise: Promise<R> | undefined;
  #resolve: ((value: R) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  /** For those who wait and do not ask how it ended: to them an error is not told. */
  #done: Promise<true> | undefined;
  #isDone: ((done: true) => void) | undefined;
  readonly #core: Core;
  #callbacks: Callbacks<R> | undefined;

  /** @internal */
  constructor(core: Core, callbacks?: Callbacks<R>) {
    this.#core = core;
    this.#callbacks = callbacks;
  }

  /** @internal */
  static succeed<R>(result: AsyncResult<R>, value: R): void {
    result.#settle(SUCCEEDED, value);
  }

  /** @internal */
  static fail(result: AsyncResult<any>, error: unknown): void {
    result.#settle(FAILED, error);
  }

  #settle(state: 1 | 2, value: unknown): void {
    const callbacks = this.#callbacks;
    const call = state === SUCCEEDED ? callbacks?.callback : callbacks?.errorCallback;
    this.#callbacks = undefined;
    this.#state = state;
    this.#value = value;
    if (call) called(call as (value: unknown) => void, value);
    this.#isDone?.(true);
    if (state === SUCCEEDED) this.#resolve?.(value as R);
    else if (this.#reject) this.#reject(value);
    else if (!call) unobserved(this, value);
  }

  #asPromise(): Promise<R> {
    if (this.#promise) return this.#promise;
    if (this.#state === SUCCEEDED) this.#promise = Promise.resolve(this.#value as R);
    else if (this.#state === FAILED) {
      observed(this);
      this.#promise = Promise.reject(this.#value);
    } else
      this.#promise = new Promise((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      });
    return this.#promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: a result is awaited, as a promise is.
  then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#asPromise().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: any) => B | PromiseLike<B>) | null): Promise<R | B> {
    return this.#asPromise().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<R> {
    return this.#asPromise().finally(onFinally);
  }

  /**
   * Resolves with what the task returned, rejects with what it threw.
   * @throws {TimeoutError} ERR_TIMEOUT when `timeout` milliseconds have passed first; the task goes on
   * @throws the reason of `signal` when that aborts first; the task goes on
   *
   * Blocks: the caller only.
   */
  get(options?: WaitOptions): Promise<R> {
    return options === undefined ? this.#asPromise() : this.#getLimited(options);
  }

  async #getLimited(options: WaitOptions): Promise<R> {
    if (!(await this.wait(options))) throw late();
    return this.#asPromise();
  }

  /**
   * As {@link get}, but blocks the thread. Callbacks of other tasks run meanwhile, promises do not go on.
   *
   * Blocks: the thread.
   */
  getSync(options?: SyncWaitOptions): R {
    if (!this.waitSync(options)) throw late();
    if (this.#state === SUCCEEDED) return this.#value as R;
    observed(this);
    throw this.#value;
  }

  /** Resolves once the task is done, with true; with false after `timeout` milliseconds. Never rejects for the task's sake. */
  async wait(options?: WaitOptions): Promise<boolean> {
    const timeout = timeoutOf(options, DOING);
    const signal = options?.signal;
    signal?.throwIfAborted();
    if (this.#state !== PENDING) return true;
    this.#done ??= new Promise((resolve) => {
      this.#isDone = resolve;
    });
    if (timeout >= LONGEST_TIMER && !signal) return this.#done;
    return limited(this.#done, timeout, signal);
  }

  /** As {@link wait}, but blocks the thread. */
  waitSync(options?: SyncWaitOptions): boolean {
    const timeout = timeoutOf(options, DOING);
    return this.#core.blockUntil(() => this.#state !== PENDING, timeout);
  }

  /** Whether the task is done. */
  ready(): boolean {
    return this.#state !== PENDING;
  }

  /**
   * Whether it is done and threw nothing.
   * @throws {PoolError} ERR_RESULT_NOT_READY
   */
  successful(): boolean {
    if (this.#state !== PENDING) return this.#state === SUCCEEDED;
    throw new PoolError("ERR_RESULT_NOT_READY", "cannot tell whether the task was successful: it is not ready");
  }

  [inspect.custom](): string {
    return `<AsyncResult(${["pending", "succeeded", "failed"][this.#state]})>`;
  }
}

/** What a callback throws is nobody's to catch: it is an uncaught exception, as in any event handler. */
function called(callback: (value: unknown) => void, value: unknown): void {
  try {
    callback(value);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

function late(): TimeoutError {
  return new TimeoutError(`cannot ${DOING}: the timeout passed first`);
}

async function limited(done: Promise<boolean>, timeout: number, signal: AbortSignal | undefined): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const limits = new Promise<boolean>((resolve, reject) => {
    if (timeout < LONGEST_TIMER) timer = setTimeout(resolve, Math.max(timeout, 0), false);
    onAbort = () => reject(signal!.reason);
    signal?.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([done, limits]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort!);
  }
}

blockingCalls("AsyncResult", AsyncResult.prototype, { getSync: ["get", 0], waitSync: ["wait", 0] });
