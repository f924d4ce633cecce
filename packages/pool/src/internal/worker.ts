/**
 * One worker as the parent sees it.
 *
 *   starting -> ready (it has run its initializer) -> ended
 *                                                  -> retiring: its line is closed, it ends when it sees that -> ended
 *
 * It may have to be killed in any of them: `dueAt` says when.
 *
 * INVARIANT: `held` has every task that was put into its queue, less those taken back and those it has answered. So when
 * it has ended and its queues are empty, what is left in `held` is exactly what it had begun.
 */
import {
  afterFork,
  type Depot,
  learnFunctionLocations,
  openMessage,
  preloadInForkserver,
  READABLE,
  valueOf,
  Watch,
  whileForkserverStarts,
} from "@cordage/ipc/sys";
import type { Context, Process } from "@cordage/process";
import { DONE, durationOf, HEADER, idOf, NOT_READY, READY, setId, startOf, statusOf, withReference } from "./frames.js";
import { Held } from "./held.js";
import { type Link, makeLink } from "./link.js";
import { QUEUED, SENT, type Task } from "./task.js";
import type { WorkerOptions } from "./worker-main.js";

const MAIN = new URL("./worker-main.js#serve", import.meta.url);
preloadInForkserver(new URL("./worker-main.js", import.meta.url).href);
whileForkserverStarts(learnFunctionLocations); // the first task will name a function

/**
 * A worker has tasks for about so long, in milliseconds, so that it need not wait for its parent. Of longer ones it has
 * one at a time: then they begin in the order in which they came.
 */
const AHEAD = 10;
const MOST_AHEAD = 16 * 1024;
/** Tasks that it is given before it is woken, while its parent has more to do. */
const MOST_UNWOKEN = 64;
/** Bytes in its queue: half of what its ring holds. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Who hears what a worker says. */
export interface Listener {
  ready(worker: PoolWorker): void;
  /** The value is in the frame: `worker.valueIn` opens it, before anything else is taken or decoded. */
  answered(worker: PoolWorker, task: Task, status: number, frame: Buffer, length: number): void;
}

/** Whether it is what unwinds the parent's stack in a child made by fork: it passes, and nothing is tidied up. */
export function leavesForkedChild(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === "ERR_FORKED_CHILD";
}

/** Those of this process. A forked child has no part in them: it would take the doorbell's messages from its parent. */
const ours = new Set<PoolWorker>();
afterFork(() => {
  for (const worker of ours) worker.leave();
  ours.clear();
});

export class PoolWorker {
  readonly held = new Held();
  ready = false;
  retiring = false;
  /** Why it could not become ready. */
  refusal: unknown;
  /** When something is due about it, on the clock of `performance.now()`, and what. */
  dueAt = Number.POSITIVE_INFINITY;
  onDue: () => void = () => {};
  /** A cancelled task runs in it. */
  aborting = false;
  /** It is a worker no more. */
  ended = false;
  /** It was given as many tasks as it may have. It stays so when some are taken back: another is started in its place. */
  full = false;
  /** How many tasks it was given, and how many of them it has answered. */
  sent = 0;
  answered = 0;
  busy = 0;
  readonly startedAt = performance.now();
  idleSince = performance.now();
  readonly link: Link;
  readonly process: Process;
  /** How many tasks it may have. */
  private window = 1;
  private bytes = 0;
  private meanRun: number | undefined;
  private unwoken = 0;
  private readonly known = new Set<number>();
  private readonly end: Watch | undefined;

  constructor(
    context: Context,
    options: Omit<WorkerOptions, "link">,
    name: string,
    private readonly quota: number,
    depot: Depot,
    onNews: (worker: PoolWorker) => void,
    onEnd: (worker: PoolWorker) => void,
  ) {
    const { parent, worker } = makeLink(depot);
    this.link = parent;
    ours.add(this);
    try {
      this.process = new context.Process({ target: MAIN, args: [{ ...options, link: worker }], name, daemon: true });
      this.process.start();
    } catch (error) {
      if (leavesForkedChild(error)) throw error; // in the child, which has its end of the line from here
      ours.delete(this);
      parent.close();
      parent.closeMemory();
      worker.socket.close();
      throw error;
    }
    worker.socket.close();
    this.end = new Watch(this.sentinel, () => onEnd(this));
    this.end.start(READABLE);
    this.end.ref(false);
    this.link.listen(() => onNews(this));
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** A descriptor that is readable once it has ended. */
  get sentinel(): number {
    return this.process.sentinel.fileno();
  }

  get idle(): boolean {
    return this.ready && this.held.size === 0 && !this.retiring;
  }

  /** Whether it may be given one more task. */
  get hasRoom(): boolean {
    if (this.retiring || this.aborting || this.full || this.ended) return false;
    return this.held.size < this.window && (this.bytes < MOST_BYTES || this.held.size === 0);
  }

  /** How many more it may be given. */
  get room(): number {
    return Math.min(this.window - this.held.size, this.quota - this.sent);
  }

  /** For how long it has work that it has not begun, in milliseconds, as far as can be told. */
  get timeAhead(): number {
    const { ahead } = this;
    return ahead === 0 ? 0 : ahead * (this.meanRun ?? Number.POSITIVE_INFINITY);
  }

  /** @throws {SystemError} ENOSPC, ENOMEM: it was not given the task */
  give(task: Task): void {
    if (task.attempts < task.retries) task.keepFrame();
    task.number = this.held.add(task);
    try {
      this.send(task, task.frame!);
    } catch (error) {
      this.held.remove(task.number);
      throw error;
    }
    this.bytes += task.length;
    this.full = ++this.sent >= this.quota;
    task.state = SENT;
    task.worker = this;
    if (task.attempts >= task.retries) task.frame = undefined;
    if (++this.unwoken >= MOST_UNWOKEN) this.wake();
  }

  private send(task: Task, frame: Buffer): void {
    setId(frame, task.number);
    if (this.known.has(task.fn.id)) this.link.outgoing.put(frame, task.length);
    else this.link.outgoing.put(withReference(frame.subarray(0, task.length), task.fn.reference));
  }

  /** It is woken for several tasks at once where they come at once, as that takes longer than most tasks. */
  wake(): void {
    if (this.unwoken === 0) return;
    this.unwoken = 0;
    this.link.wake();
  }

  /** How many tasks it has not begun. */
  get ahead(): number {
    return this.link.outgoing.size;
  }

  /** Takes up to `most` tasks back that it has not begun, the oldest first. */
  takeBack(most: number): Task[] {
    const tasks: Task[] = [];
    const { outgoing } = this.link;
    while (tasks.length < most) {
      const length = outgoing.take();
      if (length < 0) break;
      const frame = outgoing.taken().subarray(0, length);
      const task = this.held.remove(idOf(frame))!;
      this.forget(task);
      this.sent--;
      tasks.push(task);
      if (task.state !== SENT) continue; // cancelled
      task.frame = startOf(frame) > HEADER ? withReference(frame, undefined) : Buffer.from(frame);
      task.length = task.frame.length;
      task.state = QUEUED;
    }
    return tasks;
  }

  private forget(task: Task): void {
    this.bytes -= task.length;
    task.worker = undefined;
  }

  /** Hears the next thing that it has said; false if there is none. */
  hear(listener: Listener): boolean {
    const { incoming } = this.link;
    const length = incoming.take();
    if (length < 0) return false;
    const frame = incoming.taken();
    const status = statusOf(frame);
    if (status === READY) {
      this.ready = true;
      listener.ready(this);
    } else if (status === NOT_READY) this.refusal = this.opened(frame, length);
    else this.hearAnswer(listener, status, frame, length);
    return true;
  }

  private hearAnswer(listener: Listener, status: number, frame: Buffer, length: number): void {
    const task = this.held.remove(idOf(frame))!;
    this.answer(task, status, durationOf(frame));
    listener.answered(this, task, status, frame, length);
  }

  /** @throws {CodecError} ERR_BAD_MESSAGE */
  valueIn(frame: Buffer, length: number): unknown {
    if (length === HEADER) return undefined;
    return valueOf(openMessage(frame, length, HEADER), this.link.parcels);
  }

  private answer(task: Task, status: number, duration: number): void {
    this.forget(task);
    this.answered++;
    this.busy += duration;
    this.meanRun = this.meanRun === undefined ? duration : this.meanRun + (duration - this.meanRun) / 16;
    this.window = Math.min(Math.max(Math.ceil(AHEAD / this.meanRun), 1), MOST_AHEAD);
    if (status === DONE) this.known.add(task.fn.id);
    if (this.held.size === 0) this.idleSince = performance.now();
  }

  private opened(frame: Buffer, length: number): unknown {
    try {
      return this.valueIn(frame, length);
    } catch (error) {
      return error;
    }
  }

  /** Has it end by itself once it has nothing to do; what it has said must have been heard. */
  retire(): void {
    this.retiring = true;
    this.link.close();
  }

  /** Watches it no more, and closes this process's end of the line. */
  leave(): void {
    this.end?.close();
    this.link.close();
  }

  /** It has ended. */
  close(): void {
    this.ended = true;
    ours.delete(this);
    this.leave();
    this.link.closeMemory();
    this.process.close();
  }
}
