/** Work for other threads: what holds the thread for long goes there, and the greenthread that wants it waits. */
import { Timeout as Startable, threadpool } from "@cordage/gevent";
import { integerOf, invalidType } from "@cordage/ipc/sys";
import { Timeout } from "./timeout.js";

type Callable = (...args: any[]) => any;

const MOST_THREADS = 1024;

let threads: threadpool.ThreadPool | undefined;
let count: number | undefined;

/**
 * Has a thread call a function that a module exports (or a `URL` of a module, with the function's name as its hash), with copies of the arguments,
 * and returns a copy of what that returns. A promise is waited for, there.
 * @throws what the function throws
 * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET
 *
 * Blocks: the greenthread. If that is interrupted, the thread goes on with what it does, and nobody is told of the result.
 *
 * @example const hash = tpool.execute(pbkdf2Sync, password, salt, 1_000_000, 32, "sha256");
 *
 * Differs from Python: threads share no objects. Source: eventlet.tpool.execute.
 */
export function execute<F extends Callable>(fn: F | URL, ...args: Parameters<F>): Awaited<ReturnType<F>> {
  if (typeof fn !== "function" && !(fn instanceof URL))
    throw invalidType("execute in a thread", "expected a function, or the URL of one", fn);
  threads ??= new threadpool.ThreadPool(count);
  try {
    return threads.apply(fn, args);
  } catch (error) {
    throw asTimeout(error);
  }
}

/** A timeout that comes from another thread has lost its class on the way. */
function asTimeout(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "Timeout" || error instanceof Startable) return error;
  return Object.assign(new Timeout(), { message: error.message, cause: error });
}

/** The functions of an object as calls that block the greenthread, see {@link proxy}. */
export type Proxied<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Awaited<R> : T[K];
};

/**
 * An object whose functions are called in threads; what is no function is what it is.
 * @param functions a module, `import * as functions`, or another object of functions that modules export
 * @throws {TypeError} ERR_INVALID_ARG_TYPE
 *
 * @example
 * import * as images from "./images.js";
 * const slow = tpool.proxy(images);
 * slow.resize(bytes, 640); // the other greenthreads go on
 *
 * Differs from Python: no instances, because an object belongs to one thread. Source: eventlet.tpool.Proxy.
 */
export function proxy<T extends object>(functions: T): Proxied<T> {
  if (typeof functions !== "object" || functions === null)
    throw invalidType("make a proxy", "expected a module, or an object of functions", functions);
  const entries = Object.entries(functions).map(([name, value]) => [name, proxied(value)]);
  return Object.freeze(Object.fromEntries(entries)) as Proxied<T>;
}

function proxied(value: unknown): unknown {
  return typeof value === "function" ? (...args: unknown[]) => execute(value as Callable, ...args) : value;
}

/**
 * How many threads there are, once they are started: by the first `execute`, or the first one after {@link killall}.
 * @param size from 1 to 1,024; unless it is set: as many as there are cores
 * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
 */
export function setNumThreads(size: number): void {
  count = integerOf(size, "size", "set the number of threads", 1, MOST_THREADS);
}

/** Ends the threads, once they have done what they were given. The next `execute` starts others. Blocks: the greenthread. */
export function killall(): void {
  const those = threads;
  threads = undefined;
  those?.join();
}
