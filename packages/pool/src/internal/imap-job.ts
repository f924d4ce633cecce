/**
 * An imap: reads its input as far as it may, a task for each chunk, and hands the results over as they are asked for.
 *
 * INVARIANT: items read and not yet handed over are at most `buffersize`.
 */
import type { Source } from "./backlog.js";
import { encodeTask } from "./encode-task.js";
import { MAP, packItems } from "./frames.js";
import type { PoolFunction } from "./functions.js";
import type { Parcels } from "./parcels.js";
import { type Job, Task } from "./task.js";

/** What became of one chunk. */
interface Outcome {
  /** How many of its items were read. */
  readonly size: number;
  readonly values: ArrayLike<unknown>;
  /** In place of the values. */
  readonly failure: { error: unknown } | undefined;
}

interface Waiter {
  /** Somebody waits for what the iterator hands over: it is not to be collected meanwhile, which would be the end of it. */
  readonly iterator: object;
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(error: unknown): void;
}

/** What a job needs of its pool. */
export interface ImapHost {
  resume(source: Source): void;
  withdraw(job: Job): void;
  readonly parcels: Parcels;
}

export interface ImapOptions {
  readonly fn: PoolFunction;
  readonly items: Iterable<unknown> | AsyncIterable<unknown>;
  readonly chunksize: number;
  readonly buffersize: number;
  readonly ordered: boolean;
  readonly retries: number;
}

const LONGEST_TIMER = 2 ** 31;

export class ImapJob implements Job, Source {
  exhausted = false;
  private readonly iterator: Iterator<unknown> | AsyncIterator<unknown>;
  private readonly isAsync: boolean;
  private chunk: unknown[] = [];
  private reading = false;
  private inputOver = false;
  /** Items read, and items handed over. */
  private read = 0;
  private handed = 0;
  private chunks = 0;
  private unsettled = 0;
  /** Chunks that are done, by number: the next ones to be handed over. */
  private readonly done = new Map<number, Outcome>();
  private nextDone = 0;
  private doneInAll = 0;
  private current: Outcome | undefined;
  private at = 0;
  /** What ended the input, or the pool: comes last. */
  private last: { error: unknown } | undefined;
  private readonly waiters: Waiter[] = [];
  private roomMade = false;
  private abandoned = false;

  constructor(
    private readonly host: ImapHost,
    private readonly options: ImapOptions,
  ) {
    const { items } = options;
    this.isAsync = Symbol.asyncIterator in items;
    this.iterator = this.isAsync
      ? (items as AsyncIterable<unknown>)[Symbol.asyncIterator]()
      : (items as Iterable<unknown>)[Symbol.iterator]();
  }

  // ---- reading

  next(): Task | undefined {
    while (!this.exhausted) {
      this.readOn();
      if (!this.inputOver && !this.chunkIsComplete) return undefined;
      const task = this.chunk.length > 0 ? this.taskOf(this.chunk.splice(0)) : undefined;
      if (this.inputOver) this.exhausted = true;
      if (task) return task;
    }
    this.serve();
    return undefined;
  }

  private get mayRead(): boolean {
    const { chunksize, buffersize } = this.options;
    return !this.inputOver && this.chunk.length < chunksize && this.read - this.handed < buffersize;
  }

  /** A smaller one than asked for is as much as the buffer takes. */
  private get chunkIsComplete(): boolean {
    const { chunksize, buffersize } = this.options;
    return this.chunk.length >= chunksize || (this.chunk.length > 0 && this.read - this.handed >= buffersize);
  }

  private readOn(): void {
    if (this.reading) return;
    if (this.isAsync) {
      if (this.mayRead) void this.readLater();
      return;
    }
    this.reading = true;
    try {
      while (this.mayRead) this.take((this.iterator as Iterator<unknown>).next());
    } catch (error) {
      this.inputFailed(error);
    }
    this.reading = false;
  }

  private async readLater(): Promise<void> {
    this.reading = true;
    try {
      while (this.mayRead) this.take(await (this.iterator as AsyncIterator<unknown>).next());
    } catch (error) {
      this.inputFailed(error);
    }
    this.reading = false;
    this.host.resume(this);
  }

  private take({ done, value }: IteratorResult<unknown>): void {
    if (done) {
      this.inputOver = true;
      return;
    }
    this.chunk.push(value);
    this.read++;
  }

  /** As in Python, the chunk in which the input fails is lost. */
  private inputFailed(error: unknown): void {
    this.inputOver = true;
    this.last ??= { error };
    this.chunk.length = 0;
  }

  private taskOf(items: unknown[]): Task | undefined {
    const { fn, retries } = this.options;
    const task = new Task(this, fn, MAP, this.chunks++);
    task.retries = retries;
    task.size = items.length;
    this.unsettled++;
    try {
      encodeTask(task, packItems(items), this.host.parcels);
      return task;
    } catch (error) {
      this.failed(task, error);
      return undefined;
    }
  }

  // ---- results

  succeeded(task: Task, value: unknown): void {
    this.settled(task, { size: task.size, values: value as ArrayLike<unknown>, failure: undefined });
  }

  failed(task: Task, error: unknown): void {
    this.settled(task, { size: task.size, values: [], failure: { error } });
  }

  private settled(task: Task, outcome: Outcome): void {
    this.unsettled--;
    if (this.abandoned) return;
    this.done.set(this.options.ordered ? task.index : this.doneInAll++, outcome);
    this.serve();
  }

  /** Hands over what there is to those who wait. */
  private serve(): void {
    while (this.waiters.length > 0) {
      const step = this.step();
      if (!step) break;
      step(this.waiters.shift()!);
    }
    this.useRoom();
  }

  /** The next thing to hand over, if it is there. */
  private step(): ((waiter: Waiter) => void) | undefined {
    const outcome = this.currentOutcome();
    if (!outcome) return this.endStep();
    if (outcome.failure) {
      const { error } = outcome.failure;
      this.hand(outcome.size);
      this.current = undefined;
      return ({ reject }) => reject(error);
    }
    const value = outcome.values[this.at++];
    this.hand(1);
    if (this.at >= outcome.values.length) this.current = undefined;
    return ({ resolve }) => resolve({ done: false, value });
  }

  private currentOutcome(): Outcome | undefined {
    if (this.current) return this.current;
    const outcome = this.done.get(this.nextDone);
    if (!outcome) return undefined;
    this.done.delete(this.nextDone++);
    this.at = 0;
    this.current = outcome;
    return outcome;
  }

  private endStep(): ((waiter: Waiter) => void) | undefined {
    if (!this.abandoned && (!this.exhausted || this.unsettled > 0)) return undefined;
    const failure = this.last;
    this.last = undefined;
    if (failure) return ({ reject }) => reject(failure.error);
    return ({ resolve }) => resolve({ done: true, value: undefined });
  }

  /** Items are out of the buffer. */
  private hand(count: number): void {
    this.handed += count;
    this.roomMade = this.options.buffersize !== Number.POSITIVE_INFINITY;
  }

  /** Reads on if there is room now: when whoever waited is served, because reading may serve others. */
  private useRoom(): void {
    if (!this.roomMade) return;
    this.roomMade = false;
    if (!this.exhausted) this.host.resume(this);
  }

  wait(
    iterator: object,
    timeout: number,
    signal: AbortSignal | undefined,
    onTimeout: () => never,
  ): Promise<IteratorResult<unknown, undefined>> {
    return new Promise((resolve, reject) => {
      const step = this.waiters.length === 0 ? this.step() : undefined;
      if (step) {
        step({ iterator, resolve, reject });
        return this.useRoom();
      }
      if (timeout >= LONGEST_TIMER && !signal) return this.waiters.push({ iterator, resolve, reject });
      this.waitLimited({ iterator, resolve, reject }, timeout, signal, onTimeout);
    });
  }

  private waitLimited(
    { iterator, resolve, reject }: Waiter,
    timeout: number,
    signal: AbortSignal | undefined,
    onTimeout: () => never,
  ): void {
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const waiter: Waiter = {
      iterator,
      resolve(result) {
        release();
        resolve(result);
      },
      reject(error) {
        release();
        reject(error);
      },
    };
    const giveUp = (fail: () => unknown): void => {
      this.waiters.splice(this.waiters.indexOf(waiter), 1);
      try {
        waiter.reject(fail());
      } catch (error) {
        waiter.reject(error);
      }
    };
    const onAbort = (): void => giveUp(() => signal!.reason);
    signal?.addEventListener("abort", onAbort);
    const timer = timeout < LONGEST_TIMER ? setTimeout(() => giveUp(onTimeout), Math.max(timeout, 0)) : undefined;
    this.waiters.push(waiter);
  }

  // ---- the end

  /** Nobody wants the rest: what was not begun is not done, and the input is told. */
  async abandon(): Promise<void> {
    if (this.abandoned) return;
    this.abandoned = true;
    const wasOver = this.inputOver;
    this.exhausted = this.inputOver = true;
    this.chunk.length = 0;
    this.host.withdraw(this);
    this.host.resume(this);
    this.last = this.current = undefined;
    this.done.clear();
    for (const { resolve } of this.waiters.splice(0)) resolve({ done: true, value: undefined });
    if (!wasOver) await this.iterator.return?.();
  }

  /** The pool has ended. */
  fail(error: unknown): void {
    const wasOver = this.inputOver;
    if (!this.exhausted) this.last ??= { error };
    this.exhausted = this.inputOver = true;
    if (!wasOver) void this.closeInput();
    this.serve();
  }

  /** What it throws is nobody's to catch; one that is being read at this moment ends by itself. */
  private async closeInput(): Promise<void> {
    try {
      if (!this.reading) await this.iterator.return?.();
    } catch (error) {
      process.emitWarning(`the input of an imap threw from return(): ${error}`);
    }
  }
}
