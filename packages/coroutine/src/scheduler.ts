/** The scheduler: tasks of one thread that take turns. */
import { inspect } from "node:util";
import { integerOf, invalidType, whenLoopIsEmpty } from "@cordage/ipc/sys";
import { type Clock, SystemClock } from "./clock.js";
import { Cancelled, CoroutineError, DeadlockError } from "./errors.js";
import type { Program } from "./internal/fiber.js";
import { Machine } from "./internal/machine.js";
import { Random } from "./internal/random.js";
import { oneOf, Scope, type SpawnOptions } from "./internal/scope.js";
import { resultOf, Task } from "./task.js";

export interface SchedulerOptions {
  /** Has the tasks of each round go in a random order, the same one for the same seed; -2^31 to 2^32-1. Default: as they came. */
  seed?: number;
  /** Default: {@link SystemClock}. */
  clock?: Clock;
}

/** A run of a scheduler, up to the end of its last task. */
interface Run {
  promise: Promise<void>;
  /** Whether its tasks have been cancelled because of that. */
  deadlocked: boolean;
  resolve(): void;
  reject(error: unknown): void;
  /** No longer watches for a deadlock. */
  unwatch(): void;
}

/**
 * Runs tasks: generators that give their turn away at each `yield`, and wait with `yield*` of an effect. It lives on the
 * event loop of Node: timers, promises and I/O go on while tasks run, and tasks while those are waited for.
 *
 * Guarantees: each task that is ready has one turn in each round; those of a higher priority first, otherwise in the order in which they
 * became ready, or the one that `seed` gives. An error that no task and no promise waits for cancels all tasks and is what
 * `run` rejects with: none is lost, none reported twice. `run` ends: also when all tasks wait for each other.
 *
 * Does not guarantee: that tasks run in parallel (one thread), or that one that never gives its turn away lets others run;
 * AsyncLocalStorage is that of whoever called `run`.
 *
 * @example
 * const scheduler = new Scheduler();
 * const total = await scheduler.runUntilComplete(function* () {
 *   const [a, b] = yield* all(fetchSize("/a"), fetchSize("/b"));
 *   return a + b;
 * });
 *
 * Source: PEP 342's trampoline; asyncio's event loop; trio's nurseries.
 */
export class Scheduler {
  readonly #machine: Machine;
  readonly #root: Scope;
  #errors: unknown[] = [];
  #run: Run | undefined;

  /** @throws {RangeError} ERR_OUT_OF_RANGE, @throws {TypeError} ERR_INVALID_ARG_TYPE */
  constructor({ seed, clock = new SystemClock() }: SchedulerOptions = {}) {
    if (typeof clock?.now !== "function") throw invalidType("make a scheduler", "clock must be a Clock", clock);
    if (seed !== undefined) integerOf(seed, "seed", "make a scheduler", -(2 ** 31), 2 ** 32 - 1);
    this.#machine = new Machine(clock, seed === undefined ? undefined : new Random(seed), () => this.#idle());
    this.#root = new Scope(this.#machine, {
      failed: (error) => void this.#errors.push(error),
      emptied: () => {},
    });
  }

  /** How many tasks there are, those of groups aside. */
  get size(): number {
    return this.#root.size;
  }

  /**
   * A new task, which has its first turn in the next round, once the scheduler runs.
   * @param program a generator or coroutine, or the function that makes one
   * @throws {TypeError} ERR_INVALID_ARG_TYPE
   */
  spawn<R>(program: Program<R> | (() => Program<R>), options?: SpawnOptions): Task<R> {
    return new Task<R>(this.#root.spawn(program, options));
  }

  /**
   * Runs until all tasks have ended; again, while it runs: the same promise.
   * @throws what a task failed with that nobody joined, or an AggregateError of several; {DeadlockError} ERR_DEADLOCK when
   *   all wait for each other, with nothing left in this process that could wake one
   */
  run(): Promise<void> {
    this.#run ??= this.#begin();
    return this.#run.promise;
  }

  /**
   * Runs until the program has ended, then cancels what is left and waits for that.
   * @returns what it returned
   * @throws as `run`; what it failed with; {CoroutineError} ERR_ALREADY_RUNNING
   *
   * Differs from Python: what is left is not kept for the next run, as by `asyncio.run`.
   */
  async runUntilComplete<R>(program: Program<R> | (() => Program<R>)): Promise<R> {
    if (this.#run) throw new CoroutineError("ERR_ALREADY_RUNNING", "cannot run the scheduler: it runs; spawn the task");
    const fiber = this.#root.spawn(program);
    fiber.watch({ onlooker: true, ended: () => this.#root.cancel(new Cancelled("the program has ended")) });
    await this.run();
    return resultOf(fiber) as R;
  }

  /** A line for each task: its name and what it does. */
  describe(): string[] {
    return this.#machine.describe();
  }

  #begin(): Run {
    const unwatch = whenLoopIsEmpty(() => this.#deadlocked());
    this.#machine.start();
    const run = { unwatch, deadlocked: false } as Run;
    run.promise = new Promise((resolve, reject) => Object.assign(run, { resolve, reject }));
    return run;
  }

  #idle(): void {
    if (this.#root.size === 0) this.#end();
    else if (this.#machine.isStuck) this.#deadlocked();
  }

  #end(): void {
    const run = this.#run!;
    const errors = this.#errors;
    this.#run = undefined;
    this.#errors = [];
    this.#machine.stop();
    run.unwatch();
    if (errors.length === 0) run.resolve();
    else run.reject(oneOf(errors));
  }

  /** They are cancelled, and may clean up. Those that wait on nevertheless are left as they are. */
  #deadlocked(): void {
    const run = this.#run!;
    if (run.deadlocked) {
      this.#end();
      return;
    }
    run.deadlocked = true;
    const error = new DeadlockError(this.#machine.describe());
    this.#errors.push(error);
    this.#root.cancel(new Cancelled(error));
  }

  [inspect.custom](): string {
    return `<Scheduler(${this.#run ? "running" : "idle"}, ${this.size} tasks)>`;
  }
}
