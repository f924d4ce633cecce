/** What waits for a worker, in the order in which it came. */
import { QUEUED, Task } from "./task.js";

/** Where tasks come from one by one: they are made when a worker can take them, not before. */
export interface Source {
  /** The next task, its frame valid until anything else is encoded; `undefined`: none now, or no more. */
  next(): Task | undefined;
  /** The pool has ended: no more will be taken. */
  fail(error: unknown): void;
  /** No more will come. */
  readonly exhausted: boolean;
}

/** A first-in, first-out list. */
class Line<T> {
  private items: T[] = [];
  private head = 0;

  push(item: T): void {
    this.items.push(item);
  }

  get first(): T | undefined {
    return this.items[this.head];
  }

  get length(): number {
    return this.items.length - this.head;
  }

  shift(): T | undefined {
    const item = this.items[this.head];
    if (item === undefined) return undefined;
    this.items[this.head++] = undefined as T;
    // Moved once for each time that it doubles.
    if (this.head * 2 > this.items.length && this.head > 32) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  filter(keep: (item: T) => boolean): void {
    this.items = this.items.slice(this.head).filter(keep);
    this.head = 0;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = this.head; i < this.items.length; i++) yield this.items[i]!;
  }
}

/** From so many cancelled entries on they are cleared away. */
const MOST_CANCELLED = 64;

export class Backlog {
  /** Those that a worker had and did not come to: in front of all others. */
  private readonly returned = new Line<Task>();
  private readonly entries = new Line<Task | Source>();
  /** Sources that have nothing now, but will. */
  private readonly paused = new Set<Source>();
  /** Tasks that are here and wanted. */
  size = 0;
  private cancelled = 0;

  push(task: Task): void {
    this.entries.push(task);
    this.size++;
  }

  putBack(task: Task): void {
    this.returned.push(task);
    this.size++;
  }

  pushSource(source: Source): void {
    this.entries.push(source);
  }

  /** A source that had nothing may have something now. */
  resume(source: Source): void {
    if (this.paused.delete(source)) this.entries.push(source);
  }

  /** A task that is here is no longer wanted. */
  cancel(): void {
    this.size--;
    if (++this.cancelled <= Math.max(MOST_CANCELLED, this.size)) return;
    this.cancelled = 0;
    this.entries.filter((entry) => !(entry instanceof Task) || entry.state === QUEUED);
    this.returned.filter((task) => task.state === QUEUED);
  }

  /** Whether nothing is left, and nothing will come by itself. */
  get over(): boolean {
    return !this.waiting && this.paused.size === 0;
  }

  /** Whether there is something for a worker who asks. */
  get waiting(): boolean {
    if (this.size > 0) return true;
    for (const entry of this.entries) if (!(entry instanceof Task) && !entry.exhausted) return true;
    return false;
  }

  next(): Task | undefined {
    for (let task = this.returned.shift(); task; task = this.returned.shift()) if (this.leaves(task)) return task;
    while (this.entries.first) {
      const entry = this.entries.first;
      if (entry instanceof Task) {
        this.entries.shift();
        if (this.leaves(entry)) return entry;
      } else {
        const task = entry.next();
        if (task) return task;
        this.entries.shift();
        if (!entry.exhausted) this.paused.add(entry);
      }
    }
    return undefined;
  }

  private leaves(task: Task): boolean {
    if (task.state !== QUEUED) return false;
    this.size--;
    return true;
  }

  /** The tasks that are here, wanted or not. */
  *tasks(): Generator<Task> {
    yield* this.returned;
    for (const entry of this.entries) if (entry instanceof Task) yield entry;
  }

  /** The next task that is here already: for those who come while a source is being read. */
  nextTask(): Task | undefined {
    for (const task of this.tasks()) {
      if (task.state !== QUEUED) continue;
      this.returned.filter((other) => other !== task);
      this.entries.filter((other) => other !== task);
      this.size--;
      return task;
    }
    return undefined;
  }

  /** Takes out everything, for an end; what is left of sources fails with the error. */
  *drain(error: unknown): Generator<Task> {
    for (let task = this.returned.shift(); task; task = this.returned.shift()) if (this.leaves(task)) yield task;
    for (let entry = this.entries.shift(); entry; entry = this.entries.shift())
      if (!(entry instanceof Task)) entry.fail(error);
      else if (this.leaves(entry)) yield entry;
    for (const source of this.paused) source.fail(error);
    this.paused.clear();
  }
}
