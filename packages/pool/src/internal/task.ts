/**
 * One thing for a worker to do, as the parent sees it: one call, or one chunk of a map.
 *
 *   QUEUED (its frame is kept here) -> SENT (it is in a worker's queue, or runs) -> SETTLED (its job knows how it ended)
 *
 * A task goes from SENT back to QUEUED when its worker is gone before it has taken it, or may be tried again. One that
 * is SETTLED while a worker still has it (it was cancelled) stays with the worker until that has answered or ended.
 */
import { type BlockHandle, kept } from "@cordage/ipc/sys";
import type { Kind } from "./frames.js";
import type { PoolFunction } from "./functions.js";
import type { PoolWorker } from "./worker.js";

/** Whoever wants to know how a task ends. Each of its tasks ends exactly once. */
export interface Job {
  succeeded(task: Task, value: unknown): void;
  failed(task: Task, error: unknown): void;
}

export const QUEUED = 0;
export const SENT = 1;
export const SETTLED = 2;

let lastId = 0;

export class Task {
  readonly id: number;
  state: 0 | 1 | 2 = QUEUED;
  /** The message to the worker, while it is queued, or for as long as it may be needed again: so many bytes of a buffer. */
  frame: Buffer | undefined;
  length = 0;
  /** How often it may go to another worker when the one that held it has died. */
  retries = 0;
  attempts = 0;
  /** Milliseconds that it may run. Such a task goes to an idle worker only: then it begins when it is sent. */
  limit: number | undefined;
  queuedAt = 0;
  /** Its large bytes, as long as no worker is known to have taken them. */
  parcels: BlockHandle[] | undefined;
  /** How many items it is about. */
  size = 1;
  /** Who has it, and by what number. */
  worker: PoolWorker | undefined;
  number = 0;

  constructor(
    readonly job: Job,
    readonly fn: PoolFunction,
    readonly kind: Kind,
    /** Which of the job's tasks. */
    readonly index: number,
  ) {
    lastId = lastId === 0xffff_ffff ? 1 : lastId + 1;
    this.id = lastId;
  }

  /** Its frame is needed for longer than it is valid. */
  keepFrame(): void {
    this.frame = kept(this.frame!.subarray(0, this.length));
  }
}
