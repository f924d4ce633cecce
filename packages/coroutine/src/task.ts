/** What others hold of a task. */
import { inspect } from "node:util";
import { Effect, type Pending, type Waiter } from "./effect.js";
import { Cancelled, CoroutineError, TaskCancelledError } from "./errors.js";
import type { Fiber, Watcher } from "./internal/fiber.js";

/** @internal Of a task of ours. */
export let fiberOf: (task: Task<unknown>) => Fiber;

/**
 * A task of a scheduler. A promise of its result, so that `await task` works outside of tasks; inside, `yield* task.join()`.
 *
 * Source: asyncio.Task.
 */
export class Task<R = unknown> implements PromiseLike<R> {
  readonly #fiber: Fiber;

  static {
    fiberOf = (task) => task.#fiber;
  }

  /** @internal Tasks are made by schedulers. */
  constructor(fiber: Fiber) {
    this.#fiber = fiber;
  }

  get name(): string {
    return this.#fiber.name;
  }

  /** Whether it has ended: returned, failed, or was cancelled. */
  get done(): boolean {
    return this.#fiber.ended;
  }

  /** Whether it ended by being cancelled. */
  get cancelled(): boolean {
    return this.done && this.#fiber.outcome.cancelled;
  }

  /**
   * What it returned.
   * @throws what it failed with; {TaskCancelledError} ERR_TASK_CANCELLED; {CoroutineError} ERR_NOT_DONE
   */
  get result(): R {
    if (this.done) return resultOf(this.#fiber) as R;
    throw new CoroutineError("ERR_NOT_DONE", `cannot have the result of ${this.name}: it has not ended`);
  }

  /**
   * An effect: waits for its end; what it returned. Whoever waits for a task takes its error, which then is no concern of
   * its group.
   * @throws as {@link result}
   */
  join(): Effect<R> {
    return new Join<R>(this.#fiber);
  }

  /**
   * Throws {@link Cancelled} in it where it waits; one that has not begun never does. What it waited for and has been given already
   * it gets first. Does nothing to one that has ended, or is being cancelled.
   * @param reason the `cause` of the Cancelled
   */
  cancel(reason?: unknown): void {
    this.#fiber.cancel(new Cancelled(reason));
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise of its result
  then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return settled<R>(this.#fiber).then(onFulfilled, onRejected);
  }

  toString(): string {
    return `<Task ${this.#fiber.describe()}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Of a fiber that has ended. @throws what it failed with */
export function resultOf(fiber: Fiber): unknown {
  const { failed, cancelled, value } = fiber.outcome;
  if (cancelled) throw new TaskCancelledError(fiber.name, (value as Cancelled).cause);
  if (failed) throw value;
  return value;
}

function settled<R>(fiber: Fiber): Promise<R> {
  return new Promise((resolve, reject) => {
    const ended = () => {
      try {
        resolve(resultOf(fiber) as R);
      } catch (error) {
        reject(error);
      }
    };
    if (fiber.ended) ended();
    else fiber.watch({ ended });
  });
}

class Join<R> extends Effect<R> {
  constructor(private readonly fiber: Fiber) {
    super();
  }

  begin(waiter: Waiter): Pending | undefined {
    if (waiter.fiber === this.fiber)
      throw new CoroutineError("ERR_DEADLOCK", `cannot join ${this.fiber.name}: it would wait for itself`);
    if (!this.fiber.ended) return new Joining(this.fiber, waiter);
    waiter.settle(resultOf(this.fiber));
    return undefined;
  }
}

class Joining implements Pending, Watcher {
  constructor(
    private readonly fiber: Fiber,
    private readonly waiter: Waiter,
  ) {
    fiber.watch(this);
  }

  ended(fiber: Fiber): void {
    try {
      this.waiter.settle(resultOf(fiber));
    } catch (error) {
      this.waiter.fail(error);
    }
  }

  leave(): void {
    this.fiber.unwatch(this);
  }

  toString(): string {
    return `joining ${this.fiber.name}`;
  }
}
