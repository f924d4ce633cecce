/** Queue and JoinableQueue of a manager. */
import { IpcError, QueueEmpty, QueueFull, QueueShutDown, TimeoutError } from "@cordage/ipc";
import { integerOf, timeoutOf } from "@cordage/ipc/sys";
import type { Caller } from "../server/caller.js";
import { WaitingLine } from "../server/waiting-line.js";
import { builtIn, type Referent } from "./built-in.js";
import { Fifo } from "./fifo.js";

type Options = { timeout?: number } | undefined;

/** An item, so that `undefined` can be one. */
interface Box {
  readonly item: unknown;
}

/**
 *   open -> shut down: nobody puts any more, what is left can be got
 *
 * INVARIANT: somebody waits for an item only while there is none, and for space only while there is none.
 */
export class QueueReferent implements Referent {
  private readonly items = new Fifo<unknown>();
  private readonly getters = new WaitingLine<Box>();
  private readonly putters = new WaitingLine<true>();
  private readonly joiners = new WaitingLine<true>();
  private isShutDown = false;
  /** Items that were put and not yet reported done. */
  private unfinished = 0;

  /** @param maxsize 0: no limit */
  constructor(private readonly maxsize: number) {}

  put(caller: Caller, item: unknown, options?: Options): void | Promise<void> {
    const timeout = timeoutOf(options, "put on the queue");
    if (this.tryPut(caller, item)) return undefined;
    if (timeout <= 0) throw new QueueFull();
    return this.putters.wait(caller, timeout, undefined, item).then((done) => {
      if (!done) throw new QueueFull();
    });
  }

  putNoWait(caller: Caller, item: unknown): void {
    if (!this.tryPut(caller, item)) throw new QueueFull();
  }

  tryPut(_caller: Caller, item: unknown): boolean {
    if (this.isShutDown) throw putTooLate();
    if (this.full()) return false;
    this.append(item);
    return true;
  }

  private append(item: unknown): void {
    this.unfinished++;
    if (!this.getters.next({ item })) this.items.push(item);
  }

  get(caller: Caller, options?: Options): unknown {
    const timeout = timeoutOf(options, "get from the queue");
    if (this.items.length > 0) return this.take();
    if (this.isShutDown) throw nothingLeft();
    if (timeout <= 0) throw new QueueEmpty();
    return this.getters.wait(caller, timeout).then((box) => {
      if (!box) throw new QueueEmpty();
      return box.item;
    });
  }

  getNoWait(caller: Caller): unknown {
    return this.get(caller, { timeout: 0 });
  }

  tryGet(_caller: Caller): unknown {
    if (this.items.length > 0) return this.take();
    if (this.isShutDown) throw nothingLeft();
    return undefined;
  }

  private take(): unknown {
    const item = this.items.shift();
    const putter = this.putters.first();
    if (putter) {
      this.append(putter.brought);
      this.putters.next(true);
    }
    return item;
  }

  qsize(_caller?: Caller): number {
    return this.items.length;
  }

  empty(_caller?: Caller): boolean {
    return this.items.length === 0;
  }

  full(_caller?: Caller): boolean {
    return this.maxsize > 0 && this.items.length >= this.maxsize;
  }

  shutdown(_caller: Caller, immediate: unknown = false): void {
    this.isShutDown = true;
    if (immediate) {
      this.unfinished -= this.items.length;
      this.items.clear();
      this.lookIfDone();
    }
    this.putters.failAll(putTooLate);
    if (this.items.length === 0) this.getters.failAll(nothingLeft);
  }

  taskDone(_caller: Caller): void {
    if (this.unfinished === 0)
      throw new IpcError("ERR_TASK_DONE", "cannot report a task done: taskDone() was called more often than put()");
    this.unfinished--;
    this.lookIfDone();
  }

  private lookIfDone(): void {
    if (this.unfinished === 0) while (this.joiners.next(true));
  }

  join(caller: Caller, options?: Options): void | Promise<void> {
    const timeout = timeoutOf(options, "join the queue");
    if (this.unfinished === 0) return undefined;
    return this.joiners.wait(caller, timeout).then((done) => {
      if (!done) throw new TimeoutError("cannot join the queue: the timeout passed first");
    });
  }

  toText(_caller: Caller): string {
    return `<Queue(${this.items.length}${this.maxsize > 0 ? `/${this.maxsize}` : ""} items)>`;
  }

  /** The items that are there. */
  value(): unknown {
    return this.items.toArray();
  }
}

function putTooLate(): QueueShutDown {
  return new QueueShutDown("cannot put on the queue: it was shut down");
}

function nothingLeft(): QueueShutDown {
  return new QueueShutDown("cannot get from the queue: it was shut down, and nothing is left");
}

const exposed = [
  ...(["put", "putNoWait", "tryPut", "get", "getNoWait", "tryGet", "qsize", "empty", "full"] as const),
  ...(["shutdown", "toText"] as const),
];
function make(_host: unknown, [maxsize = 0]: [number?]): QueueReferent {
  const most = Number.MAX_SAFE_INTEGER;
  return new QueueReferent(Math.max(integerOf(maxsize, "maxsize", "create a queue", -most, most), 0));
}
export const queue = builtIn<QueueReferent>({ typeid: "Queue", exposed, make });
export const joinableQueue = builtIn<QueueReferent>({
  typeid: "JoinableQueue",
  exposed: [...exposed, "taskDone", "join"],
  make,
});
