/** The errors of `@cordage/pool`; those of tasks keep their own classes. */
import { CordageError, registerClass } from "@cordage/ipc";
import { named } from "@cordage/ipc/sys";

/** The base of the errors of `@cordage/pool`. */
export class PoolError extends CordageError {}
named(PoolError, "PoolError");

/** The pool takes no more tasks: it was closed or terminated. Python's `ValueError: Pool not running`. */
export class PoolClosedError extends PoolError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_POOL_CLOSED", message, options);
  }
}
named(PoolClosedError, "PoolClosedError");

interface HowItDied {
  exitcode?: number | undefined;
  signal?: string | undefined;
  pid?: number | undefined;
}

/** The worker that held the task ended before it could answer. Whether the task had an effect nobody knows. */
export class WorkerDiedError extends PoolError {
  /** As a Process has it: -N when signal N ended the worker. */
  readonly exitcode: number | undefined;
  /** The name of the signal, such as `SIGKILL`. */
  readonly signal: string | undefined;
  /** The worker's process id; in a ThreadPool, this process's own. */
  readonly pid: number | undefined;

  constructor(message: string, how: HowItDied = {}, options?: ErrorOptions) {
    super("ERR_WORKER_DIED", message, options);
    this.exitcode = how.exitcode;
    this.signal = how.signal;
    this.pid = how.pid;
  }
}
named(WorkerDiedError, "WorkerDiedError");

/** What the task returned, or threw, cannot travel. The worker goes on. `value` is how it prints. */
export class MaybeEncodingError extends PoolError {
  readonly value: string;

  constructor(message: string, value: string, options?: ErrorOptions) {
    super("ERR_RESULT_NOT_SERIALIZABLE", message, options);
    this.value = value;
  }
}
named(MaybeEncodingError, "MaybeEncodingError");

/**
 * The `cause` of every error that a task threw: which worker it was, and `stack` as it was there. The cause that the
 * error had of its own is the `cause` of this.
 */
export class RemoteError extends PoolError {
  readonly pid: number | undefined;

  constructor(message: string, stack: string, pid: number | undefined, options?: ErrorOptions) {
    super("ERR_REMOTE", message, options);
    this.pid = pid;
    Object.defineProperty(this, "stack", { value: stack, writable: true, configurable: true });
  }
}
named(RemoteError, "RemoteError");

for (const cls of [PoolError, PoolClosedError, WorkerDiedError, MaybeEncodingError, RemoteError])
  registerClass(cls, { name: `pool.${cls.prototype.name}` });
