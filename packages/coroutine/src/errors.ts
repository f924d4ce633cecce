/** The errors of `@cordage/coroutine`, and the two signals that Python's generators know. */
import { CordageError } from "@cordage/ipc";
import { named, Signal } from "@cordage/ipc/sys";

/** The base of the errors of `@cordage/coroutine`. */
export class CoroutineError extends CordageError {}
named(CoroutineError, "CoroutineError");

/**
 * The coroutine has ended: what `next`, `send` and `throw` end with instead of a value. It has no stack.
 *
 * Source: CPython's StopIteration, PEP 380.
 */
export class StopIteration<R = unknown> extends Signal {
  /** What the coroutine returned; undefined from the second time on. */
  value: R;

  constructor(value?: R, message = "the coroutine has ended") {
    super(message);
    this.value = value as R;
  }
}
named(StopIteration, "StopIteration");

/**
 * What `close` throws into a coroutine, so that `catch` sees it and `finally` runs. It has no stack.
 *
 * Source: CPython's GeneratorExit.
 */
export class GeneratorExit extends Signal {
  constructor(message = "the coroutine is being closed") {
    super(message);
  }
}
named(GeneratorExit, "GeneratorExit");

/**
 * What is thrown in a task that is cancelled, where it waits. It may clean up, also with effects; catching it and going on
 * is possible, and the canceller's loss. Source: asyncio.CancelledError.
 */
export class Cancelled extends CoroutineError {
  constructor(reason?: unknown) {
    super("ERR_CANCELLED", "the task was cancelled", { cause: reason });
  }
}
named(Cancelled, "Cancelled");

/** Whoever joins a task that was cancelled gets this: it is not cancelled itself. `cause` is the reason, if there was one. */
export class TaskCancelledError extends CoroutineError {
  constructor(task: string, reason?: unknown) {
    super("ERR_TASK_CANCELLED", `${task} was cancelled`, { cause: reason });
  }
}
named(TaskCancelledError, "TaskCancelledError");

/** All tasks wait for each other: nothing is left that could wake one of them. */
export class DeadlockError extends CoroutineError {
  /** @param waiting a line for each task: its name, and what it waits for */
  constructor(readonly waiting: readonly string[]) {
    const shown = waiting.length > SHOWN ? [...waiting.slice(0, SHOWN), `and ${waiting.length - SHOWN} more`] : waiting;
    super("ERR_DEADLOCK", `the tasks wait for each other:\n  ${shown.join("\n  ")}`);
  }
}
named(DeadlockError, "DeadlockError");
const SHOWN = 20;

/** The channel is closed, and for a taker also empty. `item` is what was to be put. */
export class ChannelClosedError extends CoroutineError {
  constructor(
    doing: string,
    readonly item?: unknown,
  ) {
    super("ERR_CHANNEL_CLOSED", `cannot ${doing} the channel: it is closed`);
  }
}
named(ChannelClosedError, "ChannelClosedError");
