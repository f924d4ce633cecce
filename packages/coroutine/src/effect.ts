/** What tasks wait for. */

import type { Cancelled } from "./errors.js";
import type { Fiber } from "./internal/fiber.js";

/** Whoever an effect is begun for: a task, or one case of a `select`. */
export interface Waiter {
  /** The task. */
  readonly fiber: Fiber;
  /** The effect is over. What comes afterwards is ignored. */
  settle(value: unknown): void;
  fail(error: unknown): void;
}

/** An effect that has begun and is not over. */
export interface Pending {
  /** The waiter gives up: it is settled no more, and nothing is kept that others could have. */
  leave(): void;
  /** Instead of `leave`, for what must not be left: it is over soon after. */
  cancelled?(cancellation: Cancelled): void;
  /** What the task does, such as "sleeping". */
  toString(): string;
}

const IDLE = 0;
const ASKED = 1;
const BEGUN = 2;

/**
 * Something that a task waits for, with `yield*`: its result is what `yield*` gives, or throws. Making it does nothing yet; it may
 * be used again.
 */
export abstract class Effect<T> implements Iterable<Effect<T>, T, unknown>, Iterator<Effect<T>, T, unknown> {
  /**
   * Of the `yield*` that it serves itself, without another object: IDLE -> ASKED -> BEGUN -> IDLE. Assigned rather than
   * defined: V8 is slow to define a field of objects of many classes, and slower if it is a #private one.
   */
  declare private phase: number;

  constructor() {
    this.phase = IDLE;
  }

  /** Settles the waiter, now or later: undefined if it has already. What it throws is the result too. @internal */
  abstract begin(waiter: Waiter): Pending | undefined;

  /** Whether it is begun also by a task that is to be cancelled. @internal */
  get certain(): boolean {
    return false;
  }

  [Symbol.iterator](): Iterator<Effect<T>, T, unknown> {
    if (this.phase !== IDLE) return new Again(this);
    this.phase = ASKED;
    return this;
  }

  /** @internal First the effect itself, for the scheduler; then its result, for the task. */
  next(result?: unknown): IteratorResult<Effect<T>, T> {
    if (this.phase === ASKED) {
      this.phase = BEGUN;
      return { done: false, value: this };
    }
    this.phase = IDLE;
    return { done: true, value: result as T };
  }

  /** @internal */
  throw(error: unknown): never {
    this.phase = IDLE;
    throw error;
  }

  /** @internal */
  return(value?: T): IteratorResult<Effect<T>, T> {
    this.phase = IDLE;
    return { done: true, value: value as T };
  }
}

/** For a `yield*` while another one of the same effect is under way. */
class Again<T> implements Iterator<Effect<T>, T, unknown> {
  private begun = false;

  constructor(private readonly effect: Effect<T>) {}

  next(result?: unknown): IteratorResult<Effect<T>, T> {
    if (this.begun) return { done: true, value: result as T };
    this.begun = true;
    return { done: false, value: this.effect };
  }

  /** Without it, `yield*` would throw a TypeError instead. */
  throw(error: unknown): never {
    throw error;
  }
}
