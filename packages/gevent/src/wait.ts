/** Waiting for promises, and for one or several of whatever can be waited for. */
import { Fifo, integerOf, invalidType } from "@cordage/ipc/sys";
import { abortable } from "./internal/abortable.js";
import { whenNothingIsLeft } from "./internal/empty-loop.js";
import { runFromPromise, runNow } from "./internal/hub.js";
import type { Linkable } from "./internal/links.js";
import { checkTime, inTime, type TimeOptions, timeUp } from "./internal/time.js";
import { limitTimer } from "./internal/timer.js";
import { checkedCurrent, Waiter } from "./internal/waiter.js";
import { Timeout } from "./timeout.js";

export interface WaitOptions extends TimeOptions {
  /** For how many to wait; default: for all. */
  count?: number | null | undefined;
}

/**
 * `wait(promise)`: its value, as with `await`, in a function that is not `async`. @throws what it is rejected with, @throws {Timeout} if that takes
 * longer than `timeout`
 *
 * `wait(objects)`: waits for greenlets, events, results, semaphores or promises, and returns those that are ready, in the order in which they were;
 * at most `count`, and those that were in time: what is ready by now is, also with a timeout of 0.
 *
 * `wait()`: waits until nothing is left that could run, and returns true; false if the time was up before.
 *
 * Blocks: the greenlet. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET. Source: gevent.wait.
 */
export function wait<T>(promise: PromiseLike<T>, options?: TimeOptions): T;
export function wait<T extends Linkable | PromiseLike<unknown>>(objects: Iterable<T>, options?: WaitOptions): T[];
export function wait(objects?: null, options?: TimeOptions): boolean;
export function wait(what?: unknown, options?: WaitOptions): unknown {
  if (what === undefined || what === null) return waitForTheEnd(options);
  if (isPromise(what)) return waitForPromise(what, options);
  return waitForSeveral(what as Iterable<Linkable>, options);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}

function waitForPromise<T>(promise: PromiseLike<T>, options: TimeOptions | undefined): T {
  const doing = "wait for a promise";
  checkedCurrent(doing);
  const waiter = new Waiter<T>(doing);
  // First of all: whoever is refused has handed it over all the same, and nobody else would handle its rejection.
  promise.then(
    (value) => waiter.endNow(value, runFromPromise),
    (error) => waiter.failNow(error, runFromPromise),
  );
  checkTime(options, doing);
  if (!inTime(waiter, options, doing)) throw timeUp(options);
  return waiter.value as T;
}

const ENDING = "wait for the end of everything";

function waitForTheEnd(options: TimeOptions | undefined): boolean {
  checkTime(options, ENDING);
  const { timeout, signal } = options ?? {};
  const waiter = new Waiter<boolean>(ENDING);
  const leave = whenNothingIsLeft(() => waiter.endNow(true));
  const ended = () => inTime(waiter, timeout instanceof Timeout ? { timeout } : undefined, ENDING);
  // Nothing that the event loop stays for, neither a timer nor on account of a signal: it would be what everybody waits for.
  const timer =
    typeof timeout === "number" ? limitTimer(() => waiter.endNow(false), Math.max(timeout, 0))?.unref() : undefined;
  try {
    if (signal) abortable(waiter, signal, ended);
    else ended();
    return waiter.value!;
  } finally {
    clearTimeout(timer);
    leave();
  }
}

function waitForSeveral<T extends Linkable>(objects: Iterable<T>, options: WaitOptions | undefined): T[] {
  const ready = new Ready(objects, options);
  try {
    ready.wait(ready.most);
    return Array.from({ length: Math.min(ready.told, ready.most) }, () => ready.take());
  } finally {
    ready.leave();
  }
}

/**
 * As {@link wait} for several, one by one: each as soon as it is ready.
 * @example for (const one of iwait(greenlets)) console.log(one.value);
 */
export function* iwait<T extends Linkable | PromiseLike<unknown>>(
  objects: Iterable<T>,
  options?: WaitOptions,
): Generator<T, void> {
  const ready = new Ready(objects, options);
  try {
    for (let i = 1; i <= ready.most && ready.wait(i); i++) yield ready.take();
  } finally {
    ready.leave();
  }
}

function checkedObjects<T>(objects: Iterable<T>): T[] {
  if (typeof objects?.[Symbol.iterator] !== "function")
    throw invalidType("wait", "expected a promise, or several objects in an array or another iterable", objects);
  const all = [...objects];
  const wrong = all.findIndex((one) => !isPromise(one) && typeof (one as Partial<Linkable>)?.rawlink !== "function");
  if (wrong < 0) return all;
  throw invalidType("wait", "expected greenlets, events, results, semaphores or promises", all[wrong]);
}

function countOf({ count }: WaitOptions): number {
  if (count === undefined || count === null) return Number.POSITIVE_INFINITY;
  return integerOf(count, "count", "wait", 0, Number.MAX_SAFE_INTEGER);
}

/** Milliseconds; what a timer waits for is scheduled after what is ready. */
const TURN = 1;

/** Those that are ready, in their order. */
class Ready<T extends Linkable | PromiseLike<unknown>> {
  /** How many are wanted. */
  readonly most: number;
  /** How many are, or were, ready. */
  told = 0;
  private readonly objects: T[];
  private readonly links: Array<() => void> = [];
  private readonly own: Timeout | undefined;
  private readonly end: number | undefined;
  private readonly fifo = new Fifo<T>();
  private awaited = 0;
  private waiter: Waiter<void> | undefined;

  constructor(
    objects: Iterable<T>,
    private readonly options: WaitOptions = {},
  ) {
    checkTime(options, "wait");
    this.objects = checkedObjects(objects);
    this.most = Math.min(this.objects.length, countOf(options));
    const { timeout } = options;
    if (typeof timeout === "number") this.end = performance.now() + timeout;
    if (timeout instanceof Timeout && !timeout.pending && this.most > 0) this.own = timeout;
    this.own?.start();
    try {
      for (const one of this.objects) this.links.push(this.link(one));
    } catch (error) {
      this.leave(); // somebody's own `rawlink` has refused
      throw error;
    }
  }

  private link(one: T): () => void {
    const go = isPromise(one) ? runFromPromise : runNow;
    const tell = () => {
      this.fifo.push(one);
      if (++this.told >= this.awaited) this.waiter?.endNow(undefined, go);
    };
    if (isPromise(one)) one.then(tell, tell);
    else one.rawlink(tell);
    return tell;
  }

  /** Blocks: the greenlet, until so many have been told of; false if the time is up before. */
  wait(count: number): boolean {
    if (this.told >= count) return true;
    this.awaited = count;
    this.waiter = new Waiter("wait");
    try {
      return inTime(this.waiter, this.limits(), "wait");
    } finally {
      this.waiter = undefined;
    }
  }

  /** A turn of the hub at the least: in which those are told of that are ready now, and so in time. */
  private limits(): TimeOptions {
    if (this.end === undefined) return this.options;
    return { timeout: Math.max(this.end - performance.now(), TURN), signal: this.options.signal };
  }

  take(): T {
    return this.fifo.shift()!;
  }

  leave(): void {
    this.own?.cancel();
    if (this.told === this.links.length) return;
    for (const [i, link] of this.links.entries()) {
      const one = this.objects[i]!;
      if (!isPromise(one)) one.unlink(link);
    }
  }
}
