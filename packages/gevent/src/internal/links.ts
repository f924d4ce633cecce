/** Who is to be told when something is ready: each once, on the hub, in the order in which they asked. */
import { invalidType } from "@cordage/ipc/sys";
import { type Callback, schedule } from "./hub.js";
import { report } from "./report.js";
import { inTime, type TimeOptions } from "./time.js";
import { Waiter } from "./waiter.js";

export type Link<S> = (source: S) => void;

/** What can be waited for: `wait` and `iwait` take any such object. */
export interface Linkable {
  ready(): boolean;
  /** Has a callback called once it is ready, soon if it is; on the hub, where it must not wait. */
  rawlink(callback: Link<any>): void;
  unlink(callback: Link<any>): void;
}

/** Never changed. Most have none, or one: arrays of their own, which V8 makes large once they grow, would take more than all the rest of it. */
const NONE: never[] = [];

export class Links<S extends Linkable> implements Callback {
  private waiting: Link<S>[] = NONE;
  private due: Link<S>[] = NONE;
  /** How many of `due` have been told. */
  private told = 0;
  private isScheduled = false;

  constructor(private readonly source: S) {}

  get length(): number {
    return this.waiting.length + this.due.length - this.told;
  }

  add(callback: Link<S>): void {
    if (typeof callback !== "function") throw invalidType("link a callback", "expected a function", callback);
    if (this.waiting.length > 0) this.waiting.push(callback);
    else this.waiting = [callback];
    if (this.source.ready()) this.notify();
  }

  /** Takes the latest that is meant off; nothing if there is none. */
  remove(isMeant: (link: Link<S>) => boolean): void {
    const index = this.waiting.findLastIndex(isMeant);
    if (index >= 0) this.waiting.splice(index, 1);
    else this.removeDue(isMeant);
  }

  private removeDue(isMeant: (link: Link<S>) => boolean): void {
    const index = this.due.findLastIndex(isMeant);
    if (index >= this.told) this.due.splice(index, 1);
  }

  /** Tells those that wait by now, even if it is not ready any more by then. */
  notify(): void {
    if (this.waiting.length === 0) return;
    if (this.due.length === 0) this.due = this.waiting;
    else for (const one of this.waiting) this.due.push(one);
    this.waiting = NONE;
    if (this.isScheduled) return;
    this.isScheduled = true;
    schedule(this);
  }

  /** Whoever asks again when he is told has another turn: he would otherwise never let anybody else have theirs, timers and I/O included. */
  run(): void {
    this.isScheduled = false;
    const most = this.due.length;
    while (this.told < most && this.told < this.due.length) {
      try {
        this.due[this.told++]!(this.source);
      } catch (error) {
        report(undefined, error);
      }
    }
    this.due = this.told < this.due.length ? this.due.slice(this.told) : NONE;
    this.told = 0;
  }
}

/** Blocks: the greenlet, until it is ready. Whether it was in time. */
export function untilReady(one: Linkable, options: TimeOptions | undefined, doing: string): boolean {
  const waiter = new Waiter<void>(doing);
  let isTold = false;
  const wake = () => {
    isTold = true;
    waiter.endNow();
  };
  one.rawlink(wake);
  try {
    return inTime(waiter, options, doing);
  } finally {
    if (!isTold) one.unlink(wake); // otherwise each of many who are told would look through all the others
  }
}
