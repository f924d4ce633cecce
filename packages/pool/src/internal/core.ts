/**
 * What a pool does: gives tasks to workers, hears their answers, and ends.
 *
 *   RUNNING -> CLOSED (no new tasks; ends when all are done) -> ended (no worker is left)
 *           -> TERMINATED (its workers are ended, its tasks fail) -> ended
 *           -> BROKEN (no worker can be had, its tasks fail) -> ended
 *
 * INVARIANT: a task that was submitted is settled exactly once: by an answer, by the death of its worker, by its caller's
 * signal or its timeout, or by the end of the pool.
 */
import { TimeoutError } from "@cordage/ipc";
import { Depot, kept } from "@cordage/ipc/sys";
import { PoolClosedError, PoolError } from "../errors.js";
import { Attention } from "./attention.js";
import { Backlog, type Source } from "./backlog.js";
import { Crew, type CrewOptions } from "./crew.js";
import { DONE, durationOf } from "./frames.js";
import { ABORT, TIME_OUT } from "./link.js";
import { Parcels } from "./parcels.js";
import { Recorder } from "./recorder.js";
import { withRemoteStack } from "./remote.js";
import { type Job, QUEUED, SETTLED, Task } from "./task.js";
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
  readonly crew: Crew;
  readonly recorder = new Recorder();
  private readonly depot = Depot.create();
  /** What was put into the depot last: whose worker has it, by the block's offset. */
  private readonly holders = new Map<number, PoolWorker>();
  /** For tasks; nothing is taken out of it here. */
  readonly parcels = new Parcels(this.depot, this.depot);
  private readonly backlog = new Backlog();
  private readonly attention: Attention;
  /** Came out of the backlog, and no worker could take it yet. */
  private head: Task | undefined;
  /** Tasks submitted and not settled. */
  live = 0;
  private dispatching = false;
  /** Workers are to be woken when the caller has come to its end. */
  private waking = false;
  private due: NodeJS.Immediate | undefined;
  private broken: PoolError | undefined;
  private readonly joins: (() => void)[] = [];
  private readonly roomWaits: (() => void)[] = [];
  /** Keeps the event loop alive while somebody expects something. */
  private readonly alive = setInterval(() => {}, 2 ** 30).unref();

  constructor(private readonly options: CoreOptions) {
    this.crew = new Crew(options, this.depot, {
      onNews: () => this.attention.wake(),
      onEnd: (worker) => this.ended(worker),
      onBroken: (error) => this.end("broken", error),
    });
    this.attention = new Attention(
      this.crew.workers,
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

  // ---- taking tasks

  /** @throws {PoolClosedError} ERR_POOL_CLOSED, {PoolError} ERR_POOL_BROKEN, ERR_POOL_INITIALIZER */
  mustBeOpen(doing: string): void {
    if (this.state === "running") return;
    if (this.broken) throw new PoolError(this.broken.code, `cannot ${doing}: ${reasonOf(this.broken)}`, this.broken);
    throw new PoolClosedError(`cannot ${doing}: the pool is ${this.state}`);
  }

  get queueFull(): boolean {
    return this.backlog.size + (this.head ? 1 : 0) >= this.options.maxQueue;
  }

  /** Resolves when a task may be submitted, or the pool takes no more. */
  room(): Promise<void> {
    return new Promise((resolve) => this.roomWaits.push(resolve));
  }

  /** The task's frame need be valid only during the call. */
  submit(task: Task): void {
    this.accept(task);
    const worker = this.backlog.size === 0 && !this.head ? this.takerOf(task) : undefined;
    if (worker) {
      this.give(worker, task);
      this.wakeSoon();
    } else {
      task.frame = kept(task.frame!);
      this.backlog.push(task);
      this.growIfNeeded();
    }
    this.attention.expect();
  }

  addSource(source: Source): void {
    this.backlog.pushSource(source);
    this.dispatch();
    this.attention.expect();
  }

  /** A source that had no task may have one now. */
  resume(source: Source): void {
    this.backlog.resume(source);
    this.dispatch();
    this.attention.expect();
    this.endIfDone();
  }

  private accept(task: Task): void {
    task.queuedAt = performance.now();
    publishSubmitted(this.crew.pool, task);
    if (++this.live === 1) this.alive.ref();
  }

  // ---- giving them out

  private wakeSoon(): void {
    if (this.waking) return;
    this.waking = true;
    queueMicrotask(this.wakeWorkers);
  }

  private readonly wakeWorkers = (): void => {
    this.waking = false;
    for (const worker of this.crew.workers) worker.wake();
  };

  private takerOf(task: Task): PoolWorker | undefined {
    const worker = this.crew.next;
    return worker && (task.limit === undefined || worker.idle) ? worker : undefined;
  }

  private give(worker: PoolWorker, task: Task): void {
    try {
      worker.give(task);
    } catch (error) {
      this.fail(task, error);
      return;
    }
    if (task.parcels) for (const [offset] of task.parcels) this.holders.set(offset, worker);
    if (task.limit !== undefined) this.limit(worker, task, task.limit);
    publishSent(this.crew.pool, task, worker);
  }

  private dispatch(): void {
    // What a user's iterator does while it is read may come here again.
    if (this.dispatching) return;
    this.dispatching = true;
    try {
      for (let worker = this.crew.next; worker && this.giveNext(worker); ) worker = this.crew.next;
    } finally {
      this.dispatching = false;
    }
    this.growIfNeeded();
    if (!this.head && this.backlog.size === 0) this.balance();
    this.wakeWorkers();
    while (this.roomWaits.length > 0 && !this.queueFull) this.roomWaits.shift()!();
  }

  /** After all that is done in this turn, such as cancelling a thousand tasks. */
  private dispatchSoon(): void {
    if (this.due) return;
    this.due = setImmediate(() => {
      this.due = undefined;
      this.attention.wake();
    });
  }

  /** Gives a worker with room the next task; false if there is none for it. */
  private giveNext(worker: PoolWorker): boolean {
    const task = this.head ?? this.nextTask();
    if (!task) return false;
    this.head = undefined;
    if (task.state !== QUEUED) return true; // cancelled meanwhile
    if (task.limit === undefined || worker.idle) {
      this.give(worker, task);
      return true;
    }
    task.frame = kept(task.frame!);
    this.head = task;
    return false;
  }

  private nextTask(): Task | undefined {
    const task = this.backlog.next();
    if (task && task.queuedAt === 0) this.accept(task); // made by a source
    return task;
  }

  private growIfNeeded(): void {
    if (this.state === "terminated" || this.state === "broken") return;
    const { most, least } = this.options;
    const waiting = this.live > 0 || !this.backlog.over;
    const wanted = this.state === "closed" ? (waiting ? Math.min(most, Math.max(this.live, 1)) : 0) : least;
    for (let before = -1; before !== this.crew.workers.size && this.crew.active < wanted; ) {
      before = this.crew.workers.size;
      this.crew.grow(wanted);
    }
    if ((this.head || this.backlog.size > 0) && this.allBusy()) this.crew.grow(most);
  }

  private allBusy(): boolean {
    for (const worker of this.crew.workers) if (!worker.ready || worker.idle) return false;
    return true;
  }

  /** Gives what waits behind others to those who have nothing to do. */
  private balance(): void {
    for (const idle of this.crew.workers) {
      if (!idle.idle || !idle.hasRoom) continue;
      const rich = this.richest();
      if (!rich) return;
      for (const task of this.takeBack(rich, Math.ceil(rich.ahead / 2)))
        if (idle.hasRoom) this.give(idle, task);
        else this.backlog.putBack(task);
    }
  }

  private richest(): PoolWorker | undefined {
    let rich: PoolWorker | undefined;
    for (const worker of this.crew.workers)
      if (worker.held.size > 1 || !worker.ready) if (worker.ahead > (rich?.ahead ?? 0)) rich = worker;
    return rich;
  }

  /** Takes tasks back that a worker has not begun; those cancelled meanwhile are done with. */
  private takeBack(worker: PoolWorker, most: number): Task[] {
    const tasks = worker.takeBack(most);
    for (const task of tasks) for (const [offset] of task.parcels ?? []) this.holders.delete(offset);
    for (const task of tasks) if (task.state === SETTLED) this.release(task);
    return tasks.filter((task) => task.state !== SETTLED);
  }

  // ---- hearing answers

  /** Does what there is to do; whether there was something. */
  private look(): boolean {
    let heard = false;
    const now = performance.now();
    for (const worker of this.crew.workers) {
      if (this.hear(worker, MOST_IN_A_ROW)) heard = true;
      if (worker.dueAt <= now) {
        worker.dueAt = Number.POSITIVE_INFINITY;
        worker.onDue();
      }
    }
    this.dispatch();
    this.endIfDone();
    return heard;
  }

  private hear(worker: PoolWorker, most: number): boolean {
    for (let i = 0; i < most; i++) if (!worker.hear(this)) return i > 0;
    return true;
  }

  /** @internal */
  ready(worker: PoolWorker): void {
    publishWorker("ready", this.crew.pool, worker);
  }

  /** @internal */
  answered(worker: PoolWorker, task: Task, status: number, frame: Buffer, length: number): void {
    worker.dueAt = Number.POSITIVE_INFINITY;
    worker.aborting = false;
    task.parcels = undefined; // the worker lets go of them when it has done with them
    if (task.state === SETTLED) this.discard(worker, frame, length);
    else {
      this.recorder.ran(task, durationOf(frame));
      this.settle(worker, task, status, frame, length);
    }
    if (worker.full && worker.held.size === 0) worker.retire();
  }

  /** Nobody wants the value; but what it has of a depot must be opened to be given back. */
  private discard(worker: PoolWorker, frame: Buffer, length: number): void {
    try {
      worker.valueIn(frame, length);
    } catch {
      // Nobody wanted it.
    }
  }

  private settle(worker: PoolWorker, task: Task, status: number, frame: Buffer, length: number): void {
    let value: unknown;
    try {
      value = worker.valueIn(frame, length);
    } catch (error) {
      this.fail(task, error);
      return;
    }
    if (status === DONE) this.succeed(task, value);
    else this.fail(task, withRemoteStack(value, worker.pid));
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
    if (!task.worker) this.release(task);
    if (failure) this.recorder.failed++;
    else this.recorder.completed++;
    if (--this.live === 0 && this.joins.length === 0) this.alive.unref();
    publishSettled(this.crew.pool, task, failure);
  }

  /** No worker has, or will have, what was sent along with it. */
  private release(task: Task): void {
    for (const parcel of task.parcels ?? []) this.depot.free(parcel);
    task.parcels = undefined;
  }

  // ---- cancelling

  /** Settles a task with an error; if it runs, its worker is told, and ended should it go on. */
  cancel(task: Task, error: unknown, kind = ABORT): void {
    if (task.state === SETTLED) return;
    const { worker } = task;
    if (!worker) {
      if (task !== this.head) this.backlog.cancel();
      this.fail(task, error);
      return;
    }
    this.fail(task, error);
    for (const other of this.takeBack(worker, Number.POSITIVE_INFINITY)) this.backlog.putBack(other);
    if (worker.held.has(task.id)) {
      worker.aborting = true;
      worker.link.tell(kind, task.id);
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

  /** How many workers there are when all are wanted. */
  get size(): number {
    return this.options.most;
  }

  /** Takes back what was not begun of a job that nobody wants any more. */
  withdraw(job: Job): void {
    const unwanted = (task: Task) => task.job === job && task.state !== SETTLED;
    const error = new PoolError("ERR_ABANDONED", "cannot finish the task: nobody wants its result");
    for (const worker of this.crew.workers) {
      if (![...worker.held.values()].some(unwanted)) continue;
      for (const task of this.takeBack(worker, Number.POSITIVE_INFINITY))
        if (task.job === job) this.fail(task, error);
        else this.backlog.putBack(task);
    }
    if (this.head && unwanted(this.head)) this.cancel(this.head, error);
    for (const task of this.backlog.tasks()) if (unwanted(task)) this.cancel(task, error);
    this.dispatch();
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
    const unbegun = this.takeBack(worker, Number.POSITIVE_INFINITY);
    const lost = [...worker.held.values()];
    publishWorker("end", this.crew.pool, worker);
    const wanted = this.state === "running" || (this.state === "closed" && this.live > 0);
    const epitaph = lost.length > 0 ? this.crew.epitaph(worker) : undefined;
    this.crew.remove(worker, wanted);
    for (const [offset, holder] of this.holders) if (holder === worker) this.freeHeld(offset);
    for (const task of lost) if (task.state !== SETTLED) this.lose(task, epitaph!);
    for (const task of unbegun) this.keep(task);
    this.dispatch();
    this.endIfDone();
    this.attention.expect();
  }

  private freeHeld(offset: number): void {
    this.holders.delete(offset);
    this.depot.free([offset, 0, 0]);
  }

  private keep(task: Task): void {
    if (this.state === "running" || this.state === "closed") this.backlog.putBack(task);
    else this.fail(task, this.endError());
  }

  private lose(task: Task, epitaph: Error): void {
    task.worker = undefined;
    if (task.attempts >= task.retries || this.state === "terminated" || this.state === "broken") {
      this.fail(task, epitaph);
      return;
    }
    task.attempts++;
    task.state = QUEUED;
    this.recorder.retries++;
    publishRetry(this.crew.pool, task, epitaph);
    this.backlog.putBack(task);
  }

  // ---- the end

  close(): void {
    if (this.state !== "running") return;
    this.state = "closed";
    for (const resolve of this.roomWaits.splice(0)) resolve();
    this.endIfDone();
  }

  private endIfDone(): void {
    if (this.state === "closed" && this.live === 0 && this.backlog.over) this.crew.retireAll();
    if (this.state === "running" || this.crew.workers.size > 0) return;
    if (this.state === "closed" && !(this.live === 0 && this.backlog.over)) return;
    this.crew.stop();
    this.attention.stop();
    clearInterval(this.alive);
    for (const resolve of this.joins.splice(0)) resolve();
  }

  terminate(): void {
    if (this.state === "running" || this.state === "closed") this.end("terminated");
  }

  private end(state: "terminated" | "broken", error?: PoolError): void {
    if (this.state === "terminated" || this.state === "broken") return;
    this.state = state;
    this.broken = error;
    for (const worker of this.crew.workers) {
      this.hear(worker, Number.POSITIVE_INFINITY);
      worker.process.terminate();
      worker.retiring = true;
      this.crew.killAt(worker, BEFORE_KILL);
    }
    this.attention?.arm();
    for (const task of this.everyTask()) if (task.state !== SETTLED) this.fail(task, this.endError());
    for (const resolve of this.roomWaits.splice(0)) resolve();
    this.endIfDone();
  }

  private *everyTask(): Generator<Task> {
    for (const worker of this.crew.workers) yield* worker.held.values();
    if (this.head) yield this.head;
    this.head = undefined;
    for (const entry of this.backlog.drain()) {
      if (entry instanceof Task) yield entry;
      else entry.fail(this.endError());
    }
  }

  private endError(): PoolError {
    if (this.broken) return this.broken;
    return new PoolError("ERR_POOL_TERMINATED", "cannot finish the task: the pool was terminated");
  }

  /** Resolves once no worker is left. */
  join(): Promise<void> {
    if (this.state === "running")
      throw new PoolError("ERR_POOL_RUNNING", "cannot join the pool: it still runs; close or terminate it first");
    if (this.crew.workers.size === 0 && this.live === 0 && (this.state !== "closed" || this.backlog.over))
      return Promise.resolve();
    this.alive.ref();
    return new Promise((resolve) => this.joins.push(resolve));
  }

  /** Blocks the thread until `done`; false after `timeout` milliseconds. */
  blockUntil(done: () => boolean, timeout: number): boolean {
    return done() || this.attention.blockUntil(done, timeout);
  }

  get queued(): number {
    return this.backlog.size + (this.head ? 1 : 0);
  }
}

function reasonOf(error: Error): string {
  return error.message.replace(/^cannot [^:]*: /, "");
}
