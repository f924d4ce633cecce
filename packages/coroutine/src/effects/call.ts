/** The effect of waiting for what is not a task: a promise. */
import { invalidType } from "@cordage/ipc/sys";
import { Effect, type Pending, type Waiter } from "../effect.js";
import { isPromise } from "../internal/is-promise.js";

type Call<T> = PromiseLike<T> | ((signal: AbortSignal) => T | PromiseLike<T>);

/**
 * An effect: waits for a promise; what it resolves with.
 * @param what the promise, or a function that is called when the task comes to it, with a signal that is aborted if the
 *   task is cancelled
 * @throws what the promise rejects with, or the function throws
 *
 * @example
 * const response = yield* call((signal) => fetch(url, { signal }));
 */
export function call<T>(what: Call<T>): Effect<T> {
  if (typeof what !== "function" && !isPromise(what))
    throw invalidType("call", "it needs a promise, or a function", what);
  return new Calling(what);
}

class Calling<T> extends Effect<T> {
  constructor(private readonly what: Call<T>) {
    super();
  }

  begin(waiter: Waiter): Pending | undefined {
    const abort = typeof this.what === "function" && this.what.length > 0 ? new AbortController() : undefined;
    const made = typeof this.what === "function" ? this.what(abort?.signal as AbortSignal) : this.what;
    if (isPromise(made)) return new UnderWay(waiter, made, abort);
    waiter.settle(made);
    return undefined;
  }
}

class UnderWay implements Pending {
  private over = false;

  constructor(
    private readonly waiter: Waiter,
    promise: PromiseLike<unknown>,
    private readonly abort: AbortController | undefined,
  ) {
    waiter.fiber.machine.outside++;
    promise.then(
      (value) => this.end() && waiter.settle(value),
      (error) => this.end() && waiter.fail(error),
    );
  }

  private end(): boolean {
    if (this.over) return false;
    this.over = true;
    this.waiter.fiber.machine.outside--;
    return true;
  }

  leave(): void {
    this.end();
    this.abort?.abort();
  }

  toString(): string {
    return "waiting for a promise";
  }
}
