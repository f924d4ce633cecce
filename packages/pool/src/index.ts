/** Pools of worker processes or threads, by Python's rules, that survive crashes. See README.md. */
export { AsyncResult } from "./async-result.js";
export { MaybeEncodingError, PoolClosedError, PoolError, RemoteError, WorkerDiedError } from "./errors.js";
export { ImapIterator } from "./imap-iterator.js";
export type { PoolOptions } from "./internal/options.js";
export type { Times } from "./internal/recorder.js";
export type { TaskTrace } from "./internal/tracing.js";
export {
  type ApplyAsyncOptions,
  type ApplyOptions,
  type ImapOptions,
  type MapAsyncOptions,
  type MapOptions,
  Pool,
} from "./pool.js";
export type { PoolStats, WorkerStats } from "./stats.js";
export { taskSignal } from "./task-signal.js";
export { ThreadPool } from "./thread-pool.js";
