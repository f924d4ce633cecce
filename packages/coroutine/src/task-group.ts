/** Tasks that end together. */
import { Effect, type Pending, type Waiter } from "./effect.js";
import { Cancelled, CoroutineError } from "./errors.js";
import { currentFiber, type Fiber, type Program } from "./internal/fiber.js";
import { type Owner, oneOf, Scope, type SpawnOptions } from "./internal/scope.js";
import { Task } from "./task.js";

/** The tasks of a `taskGroup`. */
export class TaskGroup {
  readonly #scope: Scope;
  readonly #state: { open: boolean };

  /** @internal Groups are made by `taskGroup`. */
  constructor(scope: Scope, state: { open: boolean }) {
    this.#scope = scope;
    this.#state = state;
  }

  /** How many of its tasks have not ended. */
  get size(): number {
    return this.#scope.size;
  }

  /**
   * A new task of the group, which has its first turn in the next round; also while the group is being cancelled, for what
   * cleaning up needs.
   * @throws {CoroutineError} ERR_GROUP_CLOSED when all its tasks have ended; {TypeError} ERR_INVALID_ARG_TYPE
   */
  spawn<R>(program: Program<R> | (() => Program<R>), options?: SpawnOptions): Task<R> {
    if (!this.#state.open) throw new CoroutineError("ERR_GROUP_CLOSED", "cannot spawn a task: its group has ended");
    return new Task<R>(this.#scope.spawn(program, options));
  }

  /** Cancels all its tasks; not the body. */
  cancel(reason?: unknown): void {
    this.#scope.cancel(new Cancelled(reason));
  }
}

/**
 * Runs `body`, which spawns tasks; ends when it and all of them have. A body that waits for nothing need be no generator.
 *
 * Guarantees: no task outlives its group, whether that returns, fails or is cancelled; a task that fails, and that nobody joins,
 * cancels the others and the body, and so does the body when it fails; each error is thrown once.
 *
 * @returns what `body` returned
 * @throws what a task or the body failed with; an AggregateError of several
 *
 * @example
 * yield* taskGroup(function* (group) {
 *   for (const url of urls) group.spawn(download(url));
 * });   // all are there
 *
 * Source: trio's nurseries; asyncio.TaskGroup.
 */
export function taskGroup<R>(body: (group: TaskGroup) => Program<R>): Generator<Effect<unknown>, R, any>;
export function taskGroup(body: (group: TaskGroup) => void): Generator<Effect<unknown>, void, any>;
export function* taskGroup<R>(body: (group: TaskGroup) => unknown): Generator<Effect<unknown>, R | undefined, any> {
  const membership = new Membership(currentFiber("begin a task group"));
  const group = new TaskGroup(membership.scope, membership);
  let result: R | undefined;
  try {
    const program = body(group);
    if (program) result = yield* program as unknown as Iterable<Effect<unknown>, R, any>;
  } catch (error) {
    membership.bodyFailed(error);
  }
  yield* membership;
  membership.close();
  return result;
}

/** The group's side of things; waiting for it is waiting for its tasks. */
class Membership extends Effect<void> implements Owner {
  readonly scope: Scope;
  open = true;
  private readonly errors: unknown[] = [];
  /** What is thrown in the body when a task failed. */
  private readonly ofBody = new Cancelled("a task of its group failed");
  /** What the group's own task is cancelled with. */
  private fromOutside: Cancelled | undefined;
  private waiter: Waiter | undefined;

  constructor(private readonly host: Fiber) {
    super();
    this.scope = new Scope(host.machine, this);
  }

  failed(error: unknown): void {
    this.errors.push(error);
    if (!this.waiter && this.errors.length === 1) this.host.interrupt(this.ofBody);
  }

  emptied(): void {
    this.waiter?.settle(undefined);
  }

  bodyFailed(error: unknown): void {
    if (error === this.ofBody) return;
    if (error instanceof Cancelled) this.fromOutside = error;
    else this.errors.push(error);
    this.scope.cancel(new Cancelled(error));
  }

  override get certain(): boolean {
    return true;
  }

  begin(waiter: Waiter): Pending | undefined {
    this.host.forget(this.ofBody);
    this.waiter = waiter;
    if (this.scope.size > 0) return new Ending(this.scope, (cancellation) => this.cancelled(cancellation));
    waiter.settle(undefined);
    return undefined;
  }

  private cancelled(cancellation: Cancelled): void {
    if (this.fromOutside) this.host.interruptLater(cancellation);
    else this.fromOutside = cancellation;
    this.scope.cancel(cancellation);
  }

  /** @throws what the group ends with, if not well */
  close(): void {
    this.open = false;
    this.scope.close();
    if (this.errors.length === 0) {
      if (this.fromOutside) throw this.fromOutside;
      return;
    }
    if (this.fromOutside) this.host.interruptLater(this.fromOutside);
    throw oneOf(this.errors);
  }
}

/** The tasks of a group are waited for whatever happens. */
class Ending implements Pending {
  constructor(
    private readonly scope: Scope,
    readonly cancelled: (cancellation: Cancelled) => void,
  ) {}

  leave(): void {}

  toString(): string {
    return `waiting for the ${this.scope.size} tasks of its group`;
  }
}
