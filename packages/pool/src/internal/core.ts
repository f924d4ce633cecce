/**
 * What a pool does: takes tasks, hears how they end, and ends.
 *
 *   RUNNING -> CLOSED (no new tasks; ends when all are done) -> ended (no worker is left)
 *           -> TERMINATED (its workers are ended, its tasks fail) -> ended
 *           -> BROKEN (no worker can be had, its tasks fail) -> ended
 *
 * INVARIANT: a task that was submitted is settled exactly once: by an answer, by the death of its worker, by its caller's
 * signal or its timeout, or by the end of the pool.
 */
import { TimeoutError } from "@cordage/ipc";
import { PoolClosedError, PoolError } from "../errors.js";
import { Attention } from "./attention.js";
import type { Source } from "./backlog.js";
import { Cancellation } from "./cancellation.js";
import { Crew, type CrewOptions } from "./crew.js";
import { Dispatcher } from "./dispatcher.js";
import { DONE, durationOf } from "./frames.js";
import { Holdings } from "./holdings.js";
import { ABORT, TIME_OUT } from "./link.js";
import type { Parcels } from "./parcels.js";
import { Recorder } from "./recorder.js";
import { fromWorker } from "./remote.js";
import { type Job, QUEUED, SETTLED, type Task } from "./task.js";
import { publishRetry, publishSent, publishSettled, publishSubmitted, publishWorker } from "./tracing.js";
import { type Listener, leavesForkedChild, type PoolWorker } from "./worker.js";

export type State = "running" | "closed" | "terminated" | "broken";

/** Answers heard of one worker before the others, and the event loop, have their turn. */
const MOST_IN_A_ROW = 512;
/** Between SIGTERM and SIGKILL, in milliseconds. */
const BEFORE_KILL = 1000;

export interface CoreOptions extends CrewOptions {
  /** Tasks that may wait for a worker. */
  readonly maxQueue: number;
  /** Milliseconds for a task that is no longer wanted to end by itself. */
  readonly grace: number;
}

export class Core implements Listener {
  state: State = "running";
  readonly recorder = new Recorder();
  private readonly holdings = new Holdings();
  readonly crew: Crew;
  private readonly dispatcher: Dispatcher;
  private readonly attention: Attention;
  /** Tasks submitted and not settled. */
  private live = 0;
  private submitting = false;
  private due: NodeJS.Immediate | undefined;
  private broken: PoolError | undefined;
  private readonly joins: (() => void)[] = [];
  private readonly roomWaits: (() => void)[] = [];
  /** Keeps the event loop alive while somebody expects something. */
  private readonly alive = setInterval(() => {}, 2 ** 30).unref();

  constructor(private readonly options: CoreOptions) {
    this.crew = new Crew(options, this.holdings.depot, {
      onNews: () => this.attention.wake(),
      onEnd: (worker) => this.ended(worker),
      onBroken: (error) => this.end("broken", error),
    });
    this.dispatcher = new Dispatcher(this.crew, this.holdings, {
      onMade: (task) => this.accept(task),
      onGiven: (task, worker) => this.given(task, worker),
      onRefused: (task, error) => this.fail(task, error),
    });
    this.attention = new Attention(
      this.crew,
      () => this.look(),
      (worker) => this.ended(worker),
    );
    try {
      this.crew.startAll();
    } catch (error) {
      if (leavesForkedChild(error)) throw error;
      this.end("terminated");
      throw error;
    }
    this.attention.wake();
  }

  get parcels(): Parcels {
    return this.holdings.parcels;
  }

  /** How many workers there are when all are wanted. */
  get size(): number {
    return this.options.most;
  }

  /** Tasks that wait for a worker. */
  get queued(): number {
    return this.dispatcher.size;
  }

  // ---- taking tasks

  /** @throws {PoolClosedError} ERR_POOL_CLOSED, {PoolError} ERR_POOL_BROKEN, ERR_POOL_INITIALIZER */
  mustBeOpen(doing: string): void {
    if (this.state === "running") return;
    const { broken } = this;
    if (broken) throw new PoolError(broken.code, `cannot ${doing}: ${reasonOf(broken)}`, { cause: broken.cause });
    throw new PoolClosedError(`cannot ${doing}: the pool is ${this.state}`);
  }

  get queueFull(): boolean {
    return this.dispatcher.size >= this.options.maxQueue;
  }

  /** Resolves when a task may be submitted, or the pool takes no more, or the signal aborts. */
  room(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancellation = signal && new Cancellation(signal, () => resolve());
      this.roomWaits.push(() => {
        cancellation?.end();
        resolve();
      });
    });
  }

  /** The task's frame need be valid only during the call. */
  submit(task: Task): void {
    this.accept(task);
    if (!this.dispatcher.add(task)) this.staff();
    if (this.submitting) return;
    this.submitting = true;
    queueMicrotask(this.submitted);
  }

  /** The caller has come to its end: who has submitted a thousand tasks wakes the workers once. */
  private readonly submitted = (): void => {
    this.submitting = false;
    this.dispatcher.wakeWorkers();
    this.attention.expect();
  };

  addSource(source: Source): void {
    this.dispatcher.backlog.pushSource(source);
    this.dispatch();
    this.attention.expect();
  }

  /** A source that had no task may have one now. */
  resume(source: Source): void {
    this.dispatcher.backlog.resume(source);
    this.dispatch();
    this.attention.expect();
    this.endIfDone();
  }

  private accept(task: Task): void {
    task.queuedAt = performance.now();
    publishSubmitted(this.crew.pool, task);
    if (++this.live === 1) this.alive.ref();
  }

  private given(task: Task, worker: PoolWorker): void {
    if (task.limit !== undefined) this.limit(worker, task, task.limit);
    publishSent(this.crew.pool, task, worker);
  }

  private dispatch(): void {
    this.dispatcher.dispatch();
    this.staff();
    while (this.roomWaits.length > 0 && !this.queueFull) this.roomWaits.shift()!();
  }

  /** After all that is done in this turn, such as cancelling a thousand tasks. */
  private dispatchSoon(): void {
    this.due ??= setImmediate(() => {
      this.due = undefined;
      this.attention.wake();
    });
  }

  /** Sees to it that there are workers enough. */
  private staff(): void {
    const { most, least } = this.options;
    if (this.state === "running") this.crew.grow(least);
    else if (this.state === "closed" && !this.done) this.crew.grow(Math.max(Math.min(this.live, most), 1));
    else return;
    if (this.crew.active < most && this.dispatcher.wantsWorker) this.crew.grow(this.crew.active + 1);
  }

  // ---- hearing answers

  /** Does what there is to do; whether there was something. */
  private look(): boolean {
    let heard = false;
    const now = performance.now();
    for (const worker of this.crew.workers) {
      if (this.hear(worker, MOST_IN_A_ROW)) heard = true;
      if (worker.full && worker.held.size === 0) this.crew.retire(worker);
      if (worker.dueAt > now) continue;
      worker.dueAt = Number.POSITIVE_INFINITY;
      worker.onDue();
    }
    this.dispatch();
    this.endIfDone();
    return heard;
  }

  private hear(worker: PoolWorker, most: number): boolean {
    for (let i = 0; i < most; i++) if (!worker.hear(this)) return i > 0;
    return true;
  }

  ready(worker: PoolWorker): void {
    publishWorker("ready", this.crew.pool, worker);
  }

  answered(worker: PoolWorker, task: Task, status: number, frame: Buffer, length: number): void {
    // It may be the answer of a task that came before the cancelled one.
    if (worker.aborting) worker.aborting = [...worker.held].some(({ state }) => state === SETTLED);
    if (!worker.aborting) worker.dueAt = Number.POSITIVE_INFINITY;
    this.holdings.taken(task);
    if (task.state === SETTLED) discard(worker, frame, length);
    else this.settle(worker, task, status, frame, length);
  }

  private settle(worker: PoolWorker, task: Task, status: number, frame: Buffer, length: number): void {
    this.recorder.ran(task, durationOf(frame));
    let value: unknown;
    try {
      value = worker.valueIn(frame, length);
    } catch (error) {
      this.fail(task, error);
      return;
    }
    if (status === DONE) this.succeed(task, value);
    else this.fail(task, fromWorker(value, worker.pid));
  }

  private succeed(task: Task, value: unknown): void {
    this.settled(task, undefined);
    task.job.succeeded(task, value);
  }

  private fail(task: Task, error: unknown): void {
    this.settled(task, { error });
    task.job.failed(task, error);
  }

  private settled(task: Task, failure: { error: unknown } | undefined): void {
    task.state = SETTLED;
    task.frame = undefined;
    if (!task.worker) this.holdings.release(task);
    if (failure) this.recorder.failed++;
    else this.recorder.completed++;
    if (--this.live === 0 && this.joins.length === 0) this.alive.unref();
    publishSettled(this.crew.pool, task, failure);
  }

  // ---- cancelling

  /** Settles a task with an error; if it runs, its worker is told, and ended should it go on. */
  cancel(task: Task, error: unknown, kind = ABORT): void {
    if (task.state === SETTLED) return;
    const { worker } = task;
    this.fail(task, error);
    if (!worker) {
      this.dispatcher.backlog.cancel();
      return;
    }
    this.keepAll(this.dispatcher.takeBack(worker));
    if (worker.held.has(task)) {
      worker.aborting = true;
      worker.link.tell(kind, task.number);
      this.crew.killAt(worker, this.options.grace);
      this.attention.arm();
    }
    this.dispatchSoon();
  }

  /** Cancels a job: what was made of it, and what was not. */
  cancelAll(source: Source, tasks: Iterable<Task>, error: unknown): void {
    source.fail(error);
    for (const task of [...tasks]) this.cancel(task, error);
  }

  /** Takes back what was not begun of a job that nobody wants any more. */
  withdraw(job: Job): void {
    const error = new PoolError("ERR_ABANDONED", "cannot finish the task: nobody wants its result");
    const unwanted = (task: Task) => task.job === job && task.state !== SETTLED;
    for (const worker of this.crew.workers)
      if ([...worker.held].some(unwanted)) this.keepAll(this.dispatcher.takeBack(worker));
    for (const task of [...this.dispatcher.backlog.tasks()].filter(unwanted)) this.cancel(task, error);
    this.dispatchSoon();
  }

  private limit(worker: PoolWorker, task: Task, limit: number): void {
    worker.dueAt = performance.now() + limit;
    worker.onDue = () => {
      const reason = `it ran for longer than its timeout of ${limit} ms`;
      this.cancel(task, new TimeoutError(`cannot finish the task: ${reason}`, undefined, "ERR_TASK_TIMEOUT"), TIME_OUT);
    };
    this.attention.arm();
  }

  // ---- workers that end

  private ended(worker: PoolWorker): void {
    if (!this.crew.workers.has(worker) || worker.process.exitcode === undefined) return;
    while (this.hear(worker, MOST_IN_A_ROW));
    const unbegun = this.dispatcher.takeBack(worker);
    const lost = [...worker.held].filter(({ state }) => state !== SETTLED);
    const epitaph = this.crew.epitaph(worker);
    publishWorker("end", this.crew.pool, worker);
    this.crew.remove(worker);
    for (const task of lost) this.holdings.taken(task);
    this.holdings.ended(worker);
    for (const task of lost) this.lose(task, epitaph);
    this.keepAll(unbegun);
    this.dispatch();
    this.endIfDone();
    this.attention.expect();
  }

  /** Tasks that go to another worker. */
  private keepAll(tasks: Task[]): void {
    for (const task of tasks)
      if (this.isAlive) this.dispatcher.backlog.putBack(task);
      else this.fail(task, this.endError());
  }

  private lose(task: Task, epitaph: Error): void {
    task.worker = undefined;
    if (task.attempts >= task.retries || !this.isAlive) {
      this.fail(task, epitaph);
      return;
    }
    task.attempts++;
    task.state = QUEUED;
    this.recorder.retries++;
    publishRetry(this.crew.pool, task, epitaph);
    this.dispatcher.backlog.putBack(task);
  }

  // ---- the end

  private get isAlive(): boolean {
    return this.state === "running" || this.state === "closed";
  }

  /** Nothing is left to do. */
  private get done(): boolean {
    return this.live === 0 && (!this.isAlive || this.dispatcher.over);
  }

  close(): void {
    if (this.state !== "running") return;
    this.state = "closed";
    this.letWaitersGo();
    this.endIfDone();
  }

  private letWaitersGo(): void {
    for (const resolve of this.roomWaits.splice(0)) resolve();
  }

  private endIfDone(): void {
    if (this.state === "running" || !this.done) return;
    if (this.state === "closed") this.crew.retireAll();
    if (this.crew.workers.size > 0) {
      this.attention.arm();
      return;
    }
    this.crew.stop();
    this.attention.stop();
    clearInterval(this.alive);
    for (const resolve of this.joins.splice(0)) resolve();
  }

  terminate(): void {
    this.end("terminated");
  }

  private end(state: "terminated" | "broken", error?: PoolError): void {
    if (!this.isAlive) return;
    this.state = state;
    this.broken = error;
    this.crew.stop();
    for (const worker of this.crew.workers) {
      this.hear(worker, Number.POSITIVE_INFINITY);
      worker.retiring = true;
      worker.process.terminate();
      this.crew.killAt(worker, BEFORE_KILL);
    }
    const tasks = [...this.crew.workers].flatMap((worker) => [...worker.held]);
    tasks.push(...this.dispatcher.backlog.drain(this.endError()));
    for (const task of tasks) if (task.state !== SETTLED) this.fail(task, this.endError());
    this.letWaitersGo();
    this.endIfDone();
  }

  private endError(): PoolError {
    return this.broken ?? new PoolError("ERR_POOL_TERMINATED", "cannot finish the task: the pool was terminated");
  }

  /**
   * Resolves once no worker is left.
   * @throws {PoolError} ERR_POOL_RUNNING
   */
  async join(): Promise<void> {
    if (this.state === "running")
      throw new PoolError("ERR_POOL_RUNNING", "cannot join the pool: it still runs; close or terminate it first");
    if (this.crew.workers.size === 0 && this.done) return;
    this.alive.ref();
    await new Promise<void>((resolve) => this.joins.push(resolve));
  }

  /** Blocks the thread until `done`; false after `timeout` milliseconds. */
  blockUntil(done: () => boolean, timeout: number): boolean {
    if (done()) return true;
    const { blocked } = this.crew;
    this.crew.blocked = true;
    try {
      return this.attention.blockUntil(done, timeout);
    } finally {
      this.crew.blocked = blocked;
    }
  }
}

/** Nobody wants the value; but what it has of a depot must be opened to be given back. */
function discard(worker: PoolWorker, frame: Buffer, length: number): void {
  try {
    worker.valueIn(frame, length);
  } catch {
    // Nobody wanted it.
  }
}

function reasonOf(error: Error): string {
  return error.message.replace(/^cannot [^:]*: /, "");
}
