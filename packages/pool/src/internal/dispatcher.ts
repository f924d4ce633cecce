/**
 * Which worker gets which task, and when.
 *
 * Tasks go out in the order in which they came, to an idle worker or to the one with the least to do. A worker gets as
 * many ahead of its work as keep it busy for a moment; whoever has nothing to do takes from those who have too much, so
 * that no task waits behind a long one while there is somebody to do it.
 */
import { Backlog } from "./backlog.js";
import type { Crew } from "./crew.js";
import type { Holdings } from "./holdings.js";
import { QUEUED, SETTLED, type Task } from "./task.js";
import type { PoolWorker } from "./worker.js";

export interface DispatcherEvents {
  /** A source has made a task. */
  onMade(task: Task): void;
  onGiven(task: Task, worker: PoolWorker): void;
  /** It could not be given to anybody. */
  onRefused(task: Task, error: unknown): void;
}

/** What all workers have before them, in milliseconds, before another worker is worth its start. */
const WORTH_A_WORKER = 5;

export class Dispatcher {
  readonly backlog = new Backlog();
  private dispatching = false;

  constructor(
    private readonly crew: Crew,
    private readonly holdings: Holdings,
    private readonly events: DispatcherEvents,
  ) {}

  /** Tasks that wait here. */
  get size(): number {
    return this.backlog.size;
  }

  get over(): boolean {
    return this.backlog.over;
  }

  /** A new task, whose frame need be valid only during the call; whether a worker has it, which is still to be woken. */
  add(task: Task): boolean {
    const worker = this.size === 0 ? this.crew.next : undefined;
    if (worker && (task.limit === undefined || worker.idle)) {
      this.give(worker, task);
      return true;
    }
    task.keepFrame();
    this.backlog.push(task);
    return false;
  }

  /** Gives out what can be given. */
  dispatch(): void {
    // What a user's iterator does while it is read may come here again: then only what is there already is given.
    const nested = this.dispatching;
    this.dispatching = true;
    try {
      for (let worker = this.crew.next; worker && this.giveNext(worker, nested); ) worker = this.crew.next;
    } finally {
      this.dispatching = nested;
    }
    if (this.size === 0) this.balance();
    this.wakeWorkers();
  }

  /** Gives a worker with room the next task; false if there is none for it. */
  private giveNext(worker: PoolWorker, nested: boolean): boolean {
    const task = nested ? this.backlog.nextTask() : this.backlog.next();
    if (!task) return false;
    if (task.queuedAt === 0) this.events.onMade(task);
    // While the task was made, what a user's iterator waited for may have filled, or ended, the worker.
    const fits = worker.hasRoom && (task.limit === undefined || worker.idle);
    if (fits) this.give(worker, task);
    else {
      task.keepFrame();
      this.backlog.putBack(task);
    }
    return fits || !worker.hasRoom;
  }

  private give(worker: PoolWorker, task: Task): void {
    try {
      worker.give(task);
    } catch (error) {
      this.events.onRefused(task, error);
      return;
    }
    this.holdings.sent(task, worker);
    this.events.onGiven(task, worker);
  }

  /** Those that were given something begin. */
  wakeWorkers(): void {
    for (const worker of this.crew.workers) worker.wake();
  }

  /** Gives what waits behind others to those who have nothing to do. */
  private balance(): void {
    for (const idle of this.crew.workers) {
      if (!idle.idle || !idle.hasRoom) continue;
      const rich = this.richest();
      if (!rich) return;
      for (const task of this.takeBack(rich, Math.min(Math.ceil(rich.ahead / 2), idle.room))) this.give(idle, task);
    }
  }

  private richest(): PoolWorker | undefined {
    let rich: PoolWorker | undefined;
    for (const worker of this.crew.workers) if (worker.ahead > (rich?.ahead ?? 0)) rich = worker;
    return rich;
  }

  /** Takes tasks back that a worker has not begun; those cancelled meanwhile are done with. */
  takeBack(worker: PoolWorker, most = Number.POSITIVE_INFINITY): Task[] {
    const tasks = worker.takeBack(most);
    for (const task of tasks) {
      this.holdings.takenBack(task);
      if (task.state === SETTLED) this.holdings.release(task);
    }
    return tasks.filter(({ state }) => state === QUEUED);
  }

  /** Whether another worker would find something to do. */
  get wantsWorker(): boolean {
    for (const worker of this.crew.workers) if (!worker.ready || worker.idle) return false;
    if (this.backlog.waiting) return true;
    for (const worker of this.crew.workers) if (worker.timeAhead > WORTH_A_WORKER) return true;
    return false;
  }
}
