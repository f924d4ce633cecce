/** The workers of a pool: how many there are, who is started, who goes, and what becomes of the tasks of the dead. */
import { constants } from "node:os";
import type { Depot } from "@cordage/ipc/sys";
import type { Context } from "@cordage/process";
import { PoolError, WorkerDiedError } from "../errors.js";
import { leavesForkedChild, PoolWorker } from "./worker.js";
import type { WorkerOptions } from "./worker-main.js";

export interface CrewOptions {
  readonly context: Context;
  readonly most: number;
  readonly least: number;
  /** Milliseconds that a worker above `least` may be idle. */
  readonly idle: number;
  /** Tasks that a worker is given in its life. */
  readonly quota: number;
  readonly start: Omit<WorkerOptions, "link">;
}

export interface CrewEvents {
  /** A worker has said something. */
  onNews(): void;
  /** A worker has ended; what it has said last was not heard yet. */
  onEnd(worker: PoolWorker): void;
  /** No worker can be had. */
  onBroken(error: PoolError): void;
}

/** So many workers in a row may end before they are ready. */
const MOST_FALSE_STARTS = 8;
/** After a start that failed for want of something, in milliseconds. */
const BEFORE_NEXT_START = 100;
/** For a worker that has closed its line to end, in milliseconds. */
const FOR_ITS_END = 10_000;

let pools = 0;

export class Crew {
  readonly workers = new Set<PoolWorker>();
  readonly pool = ++pools;
  /** Workers that ended and whose place others took. */
  restarts = 0;
  /** Workers that have died, or have gone when they had done their share. */
  private lost = 0;
  private started = 0;
  private falseStarts = 0;
  private failedStarts = 0;
  private due: NodeJS.Timeout | undefined;
  /** The event loop does not turn meanwhile: nothing can be put off. */
  blocked = false;
  /** When a start is tried again after one that failed. */
  retryAt = Number.NEGATIVE_INFINITY;
  private idleCheck: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: CrewOptions,
    private readonly depot: Depot,
    private readonly events: CrewEvents,
  ) {}

  /** Starts the first ones; if one cannot be started, none is. */
  startAll(): void {
    try {
      for (let i = 0; i < this.options.least; i++) this.start();
    } catch (error) {
      if (leavesForkedChild(error)) throw error;
      for (const worker of this.workers) worker.process.kill();
      throw error;
    }
  }

  private start(): void {
    const { context, start, quota } = this.options;
    const name = `PoolWorker-${this.pool}:${++this.started}`;
    const worker = new PoolWorker(context, start, name, quota, this.depot, this.onNews, this.events.onEnd);
    this.workers.add(worker);
    if (this.restarts < this.gone) this.restarts++;
    if (this.started > this.options.least) this.checkIdle();
  }

  private readonly onNews = (worker: PoolWorker): void => {
    this.hearBell(worker);
    this.events.onNews();
  };

  /** Takes note of its bell, which must be silent before it can ring again. */
  hearBell(worker: PoolWorker): void {
    if (worker.link.deaf || worker.link.hear(() => {})) return;
    // Its end of the line is closed: it is about to end, or has to be.
    worker.link.ignore();
    this.killAt(worker, FOR_ITS_END);
  }

  /** Kills a worker after so many milliseconds, unless that is called off. */
  killAt(worker: PoolWorker, delay: number): void {
    worker.dueAt = performance.now() + delay;
    worker.onDue = () => worker.process.kill();
  }

  /** The one to be given the next task: idle, or with the least to do. */
  get next(): PoolWorker | undefined {
    let best: PoolWorker | undefined;
    for (const worker of this.workers) {
      if (!worker.hasRoom || (best && worker.held.size >= best.held.size)) continue;
      best = worker;
      if (worker.held.size === 0 && worker.ready) break;
    }
    return best;
  }

  /** Workers whose place is to be taken: lost ones, and those that have been given all that they will ever do. */
  private get gone(): number {
    let count = this.lost;
    for (const { retiring, full } of this.workers) if (full && !retiring) count++;
    return count;
  }

  get active(): number {
    let count = 0;
    for (const { retiring, full } of this.workers) if (!retiring && !full) count++;
    return count;
  }

  /** Starts workers until `wanted` take tasks. */
  grow(wanted: number): void {
    if (this.active >= wanted || performance.now() < this.retryAt) return;
    // In a turn of its own: a forked child goes on with what the parent's promises have to do in this one.
    if (this.options.context.getStartMethod?.() !== "fork" || this.blocked) this.startUpTo(wanted);
    else
      this.due ??= setTimeout(() => {
        this.due = undefined;
        this.startUpTo(wanted);
        this.events.onNews();
      }, 0);
  }

  private startUpTo(wanted: number): void {
    try {
      while (this.active < wanted) {
        this.start();
        this.failedStarts = 0;
      }
    } catch (error) {
      if (leavesForkedChild(error)) throw error;
      this.startFailed(error);
    }
  }

  private startFailed(error: unknown): void {
    if (this.workers.size === 0 && ++this.failedStarts >= MOST_FALSE_STARTS) {
      this.events.onBroken(broken("no worker can be started", error));
      return;
    }
    this.retryAt = performance.now() + BEFORE_NEXT_START;
  }

  /** How a worker ended, for those whose tasks it held. */
  epitaph(worker: PoolWorker): WorkerDiedError {
    const { exitcode } = worker.process;
    const signal = exitcode !== undefined && exitcode < 0 ? signalName(-exitcode) : undefined;
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${exitcode}`;
    const reason = `worker ${worker.pid}, which held the task, ${how}`;
    return new WorkerDiedError(`cannot finish the task: ${reason}`, { exitcode, signal, pid: worker.pid });
  }

  /** A worker has ended, and its tasks are elsewhere. */
  remove(worker: PoolWorker): void {
    const epitaph = worker.ready || worker.retiring ? undefined : this.epitaph(worker);
    this.workers.delete(worker);
    worker.close();
    if (!worker.retiring) this.lost++;
    if (worker.ready) this.falseStarts = 0;
    if (worker.refusal !== undefined)
      this.events.onBroken(broken("the initializer of a worker failed", worker.refusal, "ERR_POOL_INITIALIZER"));
    else if (epitaph && ++this.falseStarts >= MOST_FALSE_STARTS)
      this.events.onBroken(broken("its workers end before they are ready", epitaph));
  }

  /** Has those go that are idle for too long and not needed. */
  private checkIdle(): void {
    const { least, most, idle } = this.options;
    if (this.idleCheck || least === most) return;
    this.idleCheck = setTimeout(
      () => {
        this.idleCheck = undefined;
        const limit = performance.now() - idle;
        for (const worker of this.workers)
          if (this.active > least && worker.idle && worker.idleSince <= limit) this.retire(worker);
        if (this.active > least) this.checkIdle();
      },
      Math.max(idle / 2, 1),
    ).unref();
  }

  /** Has a worker end that has nothing to do; by force if it does not. */
  retire(worker: PoolWorker): void {
    if (worker.retiring) return;
    if (worker.full) this.lost++;
    worker.retire();
    this.killAt(worker, FOR_ITS_END);
  }

  retireAll(): void {
    this.putOff();
    for (const worker of this.workers) if (worker.held.size === 0) this.retire(worker);
  }

  /** No worker that is due is started. */
  private putOff(): void {
    clearTimeout(this.due);
    this.due = undefined;
  }

  /** When there is something to do that nobody announces, on the clock of `performance.now()`. */
  get nextDue(): number {
    let next = this.retryAt > performance.now() ? this.retryAt : Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.workers) next = Math.min(next, dueAt);
    return next;
  }

  stop(): void {
    this.putOff();
    clearTimeout(this.idleCheck);
  }
}

function broken(reason: string, cause: unknown, code = "ERR_POOL_BROKEN"): PoolError {
  return new PoolError(code, `cannot run the pool: ${reason}`, { cause });
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}
