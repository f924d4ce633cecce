/** Waiting for promises, and for one or several of whatever can be waited for. */
import { Fifo, integerOf, whenLoopIsEmpty } from "@cordage/ipc/sys";
import { isIdle } from "./internal/hub.js";
import type { Linkable } from "./internal/links.js";
import { inTime, type TimeOptions } from "./internal/time.js";
import { checkedCurrent, Waiter } from "./internal/waiter.js";

export interface WaitOptions extends TimeOptions {
  /** For how many to wait; default: for all. */
  count?: number | null | undefined;
}

/**
 * `wait(promise)`: its value, as with `await`, in a function that is not `async`. @throws what it is rejected with
 *
 * `wait(objects)`: waits for greenlets, events, results, semaphores or promises, and returns those that are ready, in the order in which they were;
 * at most `count`, and those that were in time.
 *
 * `wait()`: waits until nothing is left that could run, and returns true; false if the time was up before.
 *
 * Blocks: the greenlet. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET. Source: gevent.wait.
 */
export function wait<T>(promise: PromiseLike<T>): T;
export function wait<T extends Linkable | PromiseLike<unknown>>(objects: Iterable<T>, options?: WaitOptions): T[];
export function wait(objects?: null, options?: TimeOptions): boolean;
export function wait(what?: unknown, options?: WaitOptions): unknown {
  if (what === undefined || what === null) return waitForTheEnd(options);
  if (isPromise(what)) return waitForPromise(what);
  return [...iwait(what as Iterable<Linkable>, options)];
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}

function waitForPromise<T>(promise: PromiseLike<T>): T {
  const doing = "wait for a promise";
  checkedCurrent(doing);
  const waiter = new Waiter<T>(doing);
  promise.then(
    (value) => waiter.endNow(value),
    (error) => waiter.failNow(error),
  );
  return waiter.get();
}

function waitForTheEnd(options: TimeOptions | undefined): boolean {
  const waiter = new Waiter<void>("wait for the end of everything");
  const leave = whenLoopIsEmpty(() => isIdle() && waiter.endNow());
  try {
    return inTime(waiter, options, "wait for the end of everything");
  } finally {
    leave();
  }
}

/**
 * As {@link wait} for several, one by one: each as soon as it is ready.
 * @example for (const one of iwait(greenlets)) console.log(one.value);
 */
export function* iwait<T extends Linkable | PromiseLike<unknown>>(
  objects: Iterable<T>,
  options: WaitOptions = {},
): Generator<T, void> {
  const ready = new Ready([...objects]);
  const { count, timeout } = options;
  const most =
    count === undefined || count === null ? ready.total : integerOf(count, "count", "wait", 0, Number.MAX_SAFE_INTEGER);
  const end = typeof timeout === "number" ? performance.now() + timeout : undefined;
  try {
    for (let i = 0; i < Math.min(most, ready.total); i++) {
      if (!ready.next(end === undefined ? options : { timeout: end - performance.now() })) return;
      yield ready.take();
    }
  } finally {
    ready.leave();
  }
}

/** Those that are ready, in their order. */
class Ready<T extends Linkable | PromiseLike<unknown>> {
  private readonly fifo = new Fifo<T>();
  private readonly links: Array<() => void>;
  private waiter: Waiter<void> | undefined;

  constructor(objects: T[]) {
    this.links = objects.map((one) => this.link(one));
  }

  get total(): number {
    return this.links.length;
  }

  private link(one: T): () => void {
    const tell = () => {
      this.fifo.push(one);
      this.waiter?.endNow();
    };
    if (isPromise(one)) {
      one.then(tell, tell);
      return () => undefined;
    }
    one.rawlink(tell);
    return () => one.unlink(tell);
  }

  /** Waits for the next one; false if the time is up. */
  next(options: TimeOptions): boolean {
    if (this.fifo.length > 0) return true;
    this.waiter = new Waiter("wait");
    try {
      return inTime(this.waiter, options, "wait");
    } finally {
      this.waiter = undefined;
    }
  }

  take(): T {
    return this.fifo.shift()!;
  }

  leave(): void {
    for (const unlink of this.links) unlink();
  }
}
