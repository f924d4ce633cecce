/**
 * A task as its scheduler sees it.
 *
 *   new -> running -> pending -> ready -> running -> ... -> ended         pending: an effect that it has begun is not over
 *
 * INVARIANT: in `ready` and `ended`, `value` is what the next step gives to the program, or what became of it all: returned in
 * READY and ENDED, thrown in FAILING and FAILED. DOOMED is a new one that will not begin.
 *
 * There may be a million: each field counts.
 */
import { invalidType } from "@cordage/ipc/sys";
import { Effect, type Pending, type Waiter } from "../effect.js";
import { Cancelled, CoroutineError } from "../errors.js";
import { isPromise } from "./is-promise.js";
import type { Machine } from "./machine.js";
import type { Scope } from "./scope.js";

const NEW = 0;
const DOOMED = 1;
const READY = 2;
const FAILING = 3;
const RUNNING = 4;
const PENDING = 5;
const ENDED = 6;
const FAILED = 7;
const STATES = ["new", "new", "ready", "ready", "running", "waiting", "ended", "ended"];

/** What a task runs: a generator, a coroutine, or another iterable of effects. */
export type Program<R = unknown> = Iterable<unknown, R, any>;

/** Is told of the end of a fiber. */
export interface Watcher {
  ended(fiber: Fiber): void;
  /** Leaves its error to others. */
  readonly onlooker?: boolean;
}

/** The one whose step is being made. */
let current: Fiber | undefined;

/** @throws {CoroutineError} ERR_NO_TASK */
export function currentFiber(doing: string): Fiber {
  if (current) return current;
  throw new CoroutineError("ERR_NO_TASK", `cannot ${doing}: no task of a scheduler runs; use yield* inside one`);
}

export class Fiber implements Waiter {
  private state: number = NEW;
  private value: unknown = undefined;
  private pending: Pending | undefined = undefined;
  /** To be thrown as soon as it waits, one after the other. */
  private cancellations: Cancelled[] | undefined = undefined;
  private watchers: Watcher[] | undefined = undefined;
  cancelRequested = false;
  /** Its neighbours in its scope. */
  previous: Fiber | undefined = undefined;
  next: Fiber | undefined = undefined;

  constructor(
    readonly scope: Scope,
    private iterator: Iterator<unknown, unknown, any>,
    /** Its name, or its number. */
    private readonly label: string | number,
    readonly priority: number,
  ) {}

  get fiber(): this {
    return this;
  }

  get machine(): Machine {
    return this.scope.machine;
  }

  get name(): string {
    return typeof this.label === "string" ? this.label : `task ${this.label}`;
  }

  // --- turns

  /** Up to what it waits for next, or to its end. */
  step(): void {
    const { value, state } = this;
    this.value = undefined;
    this.state = RUNNING;
    current = this;
    let result: IteratorResult<unknown, unknown>;
    try {
      if (state === FAILING) result = this.raise(value);
      else if (state === DOOMED) result = this.refuse(value);
      else result = this.iterator.next(value);
    } catch (error) {
      current = undefined;
      this.end(FAILED, error);
      return;
    }
    current = undefined;
    if (result.done) this.end(ENDED, result.value);
    else this.perform(result.value);
  }

  private raise(error: unknown): IteratorResult<unknown, unknown> {
    return this.iterator.throw ? this.iterator.throw(error) : this.refuse(error);
  }

  private refuse(error: unknown): never {
    this.iterator.return?.();
    throw error;
  }

  /** Undefined, of a plain `yield`, lets the others have their turns. */
  private perform(yielded: unknown): void {
    this.state = PENDING;
    if (this.cancellations && !(yielded instanceof Effect && yielded.certain)) this.throwCancellation();
    else if (yielded === undefined) this.settle(undefined);
    else if (yielded instanceof Effect) this.begin(yielded);
    else this.fail(notAnEffect(yielded));
  }

  private begin(effect: Effect<unknown>): void {
    try {
      const pending = effect.begin(this);
      if (this.state === PENDING) this.pending = pending;
    } catch (error) {
      this.fail(error);
    }
    if (this.cancellations && this.pending) this.passOnCancellations();
  }

  settle(value: unknown): void {
    this.resume(READY, value);
  }

  fail(error: unknown): void {
    this.resume(FAILING, error);
  }

  private resume(state: typeof READY | typeof FAILING, value: unknown): void {
    if (this.state !== PENDING) return;
    this.pending = undefined;
    this.value = value;
    this.state = state;
    this.machine.enqueue(this);
  }

  // --- its end

  get ended(): boolean {
    return this.state >= ENDED;
  }

  /** Of one that has ended: how. */
  get outcome(): { readonly failed: boolean; readonly cancelled: boolean; readonly value: unknown } {
    const failed = this.state === FAILED;
    return { failed, cancelled: failed && this.value instanceof Cancelled, value: this.value };
  }

  private end(state: typeof ENDED | typeof FAILED, value: unknown): void {
    this.state = state;
    this.value = value;
    this.iterator = over;
    const { watchers } = this;
    this.watchers = undefined;
    this.scope.ended(this, watchers?.some(({ onlooker }) => !onlooker) ?? false);
    if (watchers) for (const watcher of watchers) watcher.ended(this);
  }

  /** For one that has not ended: whoever watches takes its error. */
  watch(watcher: Watcher): void {
    if (this.watchers) this.watchers.push(watcher);
    else this.watchers = [watcher]; // room for one: more are rare
  }

  unwatch(watcher: Watcher): void {
    const at = this.watchers?.indexOf(watcher) ?? -1;
    if (at >= 0) this.watchers!.splice(at, 1);
  }

  // --- cancellation

  /** Somebody wants it to end: once. */
  cancel(cancellation: Cancelled): void {
    if (this.cancelRequested) return;
    this.cancelRequested = true;
    this.interrupt(cancellation);
  }

  /**
   * Throws the cancellation in it, where it waits now or next: what it has been given already is not lost, it gets that
   * first.
   */
  interrupt(cancellation: Cancelled): void {
    if (this.pending?.cancelled) this.pending.cancelled(cancellation);
    else if (this.state === PENDING) {
      this.pending?.leave();
      this.fail(cancellation);
    } else if (this.state === NEW) {
      this.state = DOOMED;
      this.value = cancellation;
    } else this.interruptLater(cancellation);
  }

  /** Throws it when the task waits next. None is lost to another: a timeout's ends with the timeout, then comes the next one. */
  interruptLater(cancellation: Cancelled): void {
    if (this.cancellations) this.cancellations.push(cancellation);
    else this.cancellations = [cancellation];
  }

  private throwCancellation(): void {
    const [first] = this.cancellations!;
    this.forget(first!);
    this.fail(first);
  }

  private passOnCancellations(): void {
    const cancellations = this.cancellations!;
    this.cancellations = undefined;
    for (const cancellation of cancellations) this.interrupt(cancellation);
  }

  /** It is no longer to be interrupted for that reason. */
  forget(cancellation: Cancelled): void {
    const others = this.cancellations?.filter((one) => one !== cancellation);
    this.cancellations = others && others.length > 0 ? others : undefined;
  }

  /** What it does, for people. */
  describe(): string {
    if (this.state === PENDING) return `${this.name}: ${this.pending ?? "waiting"}`;
    return `${this.name}: ${STATES[this.state]}`;
  }
}

/** Keeps nothing of the program that has ended. */
const over: Iterator<unknown, unknown, any> = { next: () => ({ done: true, value: undefined }) };

function notAnEffect(yielded: unknown): unknown {
  const hint = isPromise(yielded)
    ? "a promise is waited for with yield* call(promise)"
    : "a task yields effects, or nothing";
  return invalidType("go on with the task", hint, yielded);
}
