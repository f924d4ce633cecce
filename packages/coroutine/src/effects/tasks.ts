/** What a task does about other tasks and about itself. */
import { invalidType } from "@cordage/ipc/sys";
import type { Effect } from "../effect.js";
import { currentFiber, type Program } from "../internal/fiber.js";
import type { SpawnOptions } from "../internal/scope.js";
import { Task } from "../task.js";

/** What `yield*` gives at once, without a turn for the others. */
export type Immediate<T> = Iterable<never, T, unknown>;

class Now<T> implements Immediate<T>, Iterator<never, T, unknown> {
  constructor(private readonly work: () => T) {}

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorReturnResult<T> {
    return { done: true, value: this.work() };
  }
}

/**
 * Spawns a task beside this one: in its group, or the scheduler itself. `yield*` gives the {@link Task} at once.
 * @throws {TypeError} ERR_INVALID_ARG_TYPE; {CoroutineError} ERR_NO_TASK outside of a task
 */
export function spawn<R>(program: Program<R> | (() => Program<R>), options?: SpawnOptions): Immediate<Task<R>> {
  return new Now(() => new Task<R>(currentFiber("spawn a task").scope.spawn(program, options)));
}

/**
 * Whether somebody has asked this task to end: for one that wants to end in its own way. Gives no turn away, and never throws
 * {@link Cancelled}, which the next effect will.
 * @throws {CoroutineError} ERR_NO_TASK outside of a task
 */
export function cancelled(): Immediate<boolean> {
  return new Now(() => currentFiber("ask whether the task is cancelled").cancelRequested);
}

/** An effect: waits for the end of a task; what it returned. @throws as `Task.result`; see `Task.join` */
export function join<R>(task: Task<R>): Effect<R> {
  if (!(task instanceof Task)) throw invalidType("join", "it needs a Task", task);
  return task.join();
}
