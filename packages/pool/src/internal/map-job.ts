/** A map: its items in chunks, one task for each, and the list of the results. */
import { AsyncResult } from "../async-result.js";
import type { Source } from "./backlog.js";
import type { Cancellation } from "./cancellation.js";
import { encodeTask } from "./encode-task.js";
import { type Kind, packItems } from "./frames.js";
import type { PoolFunction } from "./functions.js";
import type { Parcels } from "./parcels.js";
import { type Job, Task } from "./task.js";

export class MapJob implements Job, Source {
  cancellation: Cancellation | undefined;
  onProgress: ((done: number) => void) | undefined;
  private readonly results: unknown[];
  private nextChunk = 0;
  private readonly chunks: number;
  private unsettled: number;
  private failure: { error: unknown } | undefined;
  /** Its unsettled tasks, for an abort; kept only where there is a signal. */
  readonly tasks: Set<Task> | undefined;

  constructor(
    readonly result: AsyncResult<any>,
    private readonly fn: PoolFunction,
    private readonly kind: Kind,
    private readonly items: unknown[],
    private readonly chunksize: number,
    private readonly retries: number,
    private readonly parcels: Parcels,
    abortable: boolean,
  ) {
    this.results = new Array(items.length);
    this.chunks = Math.ceil(items.length / chunksize);
    this.unsettled = this.chunks;
    this.tasks = abortable ? new Set() : undefined;
    if (this.chunks === 0) this.finish();
  }

  get exhausted(): boolean {
    return this.nextChunk >= this.chunks;
  }

  next(): Task | undefined {
    while (!this.exhausted) {
      const index = this.nextChunk++;
      const task = new Task(this, this.fn, this.kind, index);
      task.retries = this.retries;
      try {
        const start = index * this.chunksize;
        const end = Math.min(start + this.chunksize, this.items.length);
        encodeTask(task, packItems(this.items, start, end), this.parcels);
      } catch (error) {
        this.chunkFailed(index, error);
        continue;
      }
      this.tasks?.add(task);
      return task;
    }
    return undefined;
  }

  succeeded(task: Task, value: unknown): void {
    const results = value as ArrayLike<unknown>;
    const start = task.index * this.chunksize;
    for (let i = 0; i < results.length; i++) this.results[start + i] = results[i];
    this.tasks?.delete(task);
    this.chunkDone(task.index);
  }

  failed(task: Task, error: unknown): void {
    this.tasks?.delete(task);
    this.chunkFailed(task.index, error);
  }

  /** The others go on: as in Python, a map ends when all of it has. */
  private chunkFailed(index: number, error: unknown): void {
    this.failure ??= { error };
    this.chunkDone(index);
  }

  private chunkDone(index: number): void {
    this.onProgress?.(Math.min((index + 1) * this.chunksize, this.items.length) - index * this.chunksize);
    if (--this.unsettled === 0) this.finish();
  }

  private finish(): void {
    this.cancellation?.end();
    if (this.failure) AsyncResult.fail(this.result, this.failure.error);
    else AsyncResult.succeed(this.result, this.results);
  }

  /** The rest of it will never be done. */
  fail(error: unknown): void {
    this.failure ??= { error };
    const rest = this.chunks - this.nextChunk;
    this.nextChunk = this.chunks;
    this.unsettled -= rest;
    if (rest > 0 && this.unsettled === 0) this.finish();
  }
}
