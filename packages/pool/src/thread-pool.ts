/** The pool over worker threads. */
import { getContext } from "@cordage/process";
import type { PoolOptions } from "./internal/options.js";
import { Pool } from "./pool.js";

/**
 * A {@link Pool} whose workers are threads of this process: started sooner where nothing is preloaded, but a crash of
 * native code, or the end of the process, ends all of them.
 *
 * Differs from Python: the threads share no objects, and run in parallel. Source: CPython multiprocessing/pool.py
 * `ThreadPool`.
 */
export class ThreadPool extends Pool {
  constructor(options: Omit<PoolOptions<any>, "context"> = {}) {
    super({ ...options, context: getContext("thread") });
  }
}
