/** Those who wait at a queue. Who may go on is the queue's rule; they are served on the hub, where `endNow` is at once. */
import { QueueEmpty, QueueFull } from "@cordage/ipc";
import { type Callback, runNow, schedule } from "./hub.js";
import { Line } from "./line.js";
import { inTime, type TimeOptions } from "./time.js";
import { Waiter } from "./waiter.js";

export const GETTING = "get from the queue";
export const PUTTING = "put on the queue";

/** One who waits to put his item. */
export class Putter<T> extends Waiter<void> {
  constructor(readonly item: T) {
    super(PUTTING);
  }

  /** Whether his item could be put. If not, the error is his, not that of whoever serves him. */
  puts(put: (item: T) => void): boolean {
    try {
      put(this.item);
      return true;
    } catch (error) {
      this.failNow(error);
      return false;
    }
  }
}

/**
 * Serves, in one turn, only as often as somebody waits when it begins: those who go on, and wait again, have another turn. Two who hand items to
 * each other would otherwise never let anybody else have theirs, timers and I/O included.
 *
 * `T` is what is put, `G` what whoever waits to get is given: the item, or nothing if he takes it himself.
 */
export class QueueLines<T, G> implements Callback {
  readonly getters = new Line<Waiter<G>>();
  readonly putters = new Line<Putter<T>>();
  private isComing = false;

  /**
   * @param canServe whether one of them can go on
   * @param serve lets the one whose turn it is go on, at once; called only if one can
   */
  constructor(
    private readonly canServe: () => boolean,
    private readonly serve: () => void,
  ) {}

  /** @throws {QueueFull} if he was not served in time. Blocks: the greenlet. */
  waitToPut(item: T, options: TimeOptions | undefined): void {
    const putter = new Putter(item);
    this.putters.join(putter);
    try {
      if (!inTime(putter, options, PUTTING)) throw new QueueFull();
    } finally {
      this.putters.leave(putter);
    }
  }

  /** @throws {QueueEmpty} if he was not served in time. Blocks: the greenlet. */
  waitToGet(options: TimeOptions | undefined): G {
    const getter = new Waiter<G>(GETTING);
    this.getters.join(getter);
    try {
      if (!inTime(getter, options, GETTING)) throw new QueueEmpty();
      return getter.value as G;
    } finally {
      this.getters.leave(getter);
    }
  }

  /** The first who waits to put does so, and goes on at once. */
  letPut(put: (item: T) => void): void {
    const putter = this.putters.next();
    if (putter.puts(put)) putter.endNow();
  }

  soon(): void {
    if (this.isComing) return;
    this.isComing = true;
    schedule(this);
  }

  /** In a callback of the event loop: at once, unless its turn is coming anyway. */
  now(): void {
    if (this.isComing) return;
    this.isComing = true;
    runNow(this);
  }

  /** For the hub. */
  run(): void {
    this.isComing = false;
    for (let left = this.getters.length + this.putters.length; this.canServe(); left--) {
      if (left <= 0) {
        this.soon();
        return;
      }
      this.serve();
    }
  }
}
