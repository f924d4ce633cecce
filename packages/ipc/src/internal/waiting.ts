/**
 * The one place where anything waits for a shared word. A primitive describes a single try and how to announce a
 * sleeper; the blocking form, the promise form, timeouts, cancellation and recovery from the dead follow from that.
 *
 * Protocol of a wait (Drepper, "Futexes Are Tricky", 2011):
 *   1. try; spin for a short, learnt time, because a hand-over that is spun costs 0.1 us and a blocked one 50 us;
 *   2. announce a sleeper and note the word's value;
 *   3. try again: what happened between 1 and 2 saw no sleeper to wake;
 *   4. sleep only if the word still has that value (the kernel checks), then go to 2.
 * Sleep comes in slices: after each the primitive looks for a dead owner, and a wake-up that died with the process
 * that it woke is made good. No wait hangs because somebody was killed.
 */
import { availableParallelism } from "node:os";
import { TIMED_OUT } from "./checked.js";
import { native } from "./native.js";
import { onWordChange } from "./waiter.js";

export interface Attempt<T> {
  /** The word that is slept on: changed and woken whenever a try may succeed. */
  readonly words: Int32Array;
  readonly index: number;
  readonly spin: Spin;
  /** One try. `undefined`: not yet. `slept`: others may be asleep too, so whoever succeeds must keep them announced. */
  attempt(slept: boolean): T | undefined;
  /** Marks that somebody sleeps; returns the word's value to sleep on. */
  announce(): number;
  /** Looks for a dead owner and repairs what it left; called when a slice has passed. May throw. */
  recover?(): void;
}

/** Slices of sleep, in milliseconds. */
const FIRST_SLICE = 4;
const LONGEST_SLICE = 250;

/** Learns how long spinning pays at one place: about twice the usual time to success, little where it rarely pays. */
export class Spin {
  private usual: number;
  private failures = 0;
  private readonly most: number;

  /**
   * `most`: the tries that take about as long as a blocked hand-over; fewer where a try is a system call. `every`: after
   * so many failures it tries for that long again, and goes on so while it succeeds.
   */
  constructor(
    most = 4000,
    private readonly every = 32,
  ) {
    this.most = availableParallelism() > 1 ? most : 0;
    this.usual = this.most / 8;
  }

  run<T>(a: Pick<Attempt<T>, "attempt">): T | undefined {
    const generous = this.failures % this.every === this.every - 1;
    const limit = generous ? this.most : Math.min(this.most, this.usual * 2 + this.most / 40);
    for (let i = 0; i < limit; i++) {
      const result = a.attempt(false);
      if (result !== undefined) {
        this.usual += (i - this.usual) / 8;
        return result;
      }
    }
    this.failures++;
    this.usual *= 0.75;
    return undefined;
  }
}

/** Blocks the thread until a try succeeds. `undefined`: `timeout` milliseconds have passed first. */
export function blockSync<T>(a: Attempt<T>, timeout: number): T | undefined {
  if (timeout <= 0) return a.attempt(false);
  const deadline = performance.now() + timeout;
  let result = a.spin.run(a);
  let slice = FIRST_SLICE;
  while (result === undefined) {
    const expected = a.announce();
    result = a.attempt(true);
    if (result !== undefined) break;
    const left = deadline - performance.now();
    if (left <= 0) return undefined;
    const outcome = native.futexWait(a.words, a.index, expected, Math.min(slice, left));
    result = a.attempt(true);
    if (outcome === TIMED_OUT && result === undefined) {
      a.recover?.();
      slice = Math.min(slice * 2, LONGEST_SLICE);
    } else slice = FIRST_SLICE;
  }
  return result;
}

/** Told when the number of pending promise-form waits of this thread goes from 0 to 1 or back. */
let onPending: ((pending: boolean) => void) | undefined;
let pendingWaits = 0;

/** One listener for each thread: `@cordage/process` keeps the event loop alive while a child could end a wait. */
export function watchPendingWaits(listener: (pending: boolean) => void): void {
  onPending = listener;
  if (pendingWaits > 0) listener(true);
}

function countPending(change: 1 | -1): void {
  pendingWaits += change;
  if (pendingWaits === (change === 1 ? 1 : 0)) onPending?.(change === 1);
}

/** The promise-form waits of this thread, in the order of their calls. */
const waiting = new Set<AsyncWait<any>>();

/**
 * Wakes up to `count` sleepers of a word that was changed. Sleepers of this very thread try on the next turns of its
 * event loop, which goes on until then: a wake through the waiter's thread might find the process at its end.
 * @returns how many the kernel woke
 */
export function wake(words: Int32Array, index: number, count: number): number {
  // Before the waiter's thread is woken, which would report them in any order.
  let left = count;
  for (const wait of waiting) {
    if (left === 0) break;
    if (!wait.sleepsOn(words, index)) continue;
    wait.nudge();
    left--;
  }
  return native.futexWake(words, index, count);
}

/** Nudges whose turn has yet to come. */
let nudges = 0;

/** Has every promise-form wait try again, and look whether an owner has died: for `@cordage/process`, when the last one is gone who could have woken them. */
export function retryPendingWaits(): void {
  for (const wait of waiting) wait.retry();
}

/** One promise-form wait: sleeps through the waiter thread, tries on the event loop. */
class AsyncWait<T> {
  private endSleep: (() => boolean) | undefined;
  private limit: NodeJS.Timeout | undefined;
  private sliceTimer: NodeJS.Timeout | undefined;
  private slice = FIRST_SLICE;
  private settled = false;
  /** A wake has been handed to it; the next one is for another. */
  private nudged = false;

  constructor(
    private readonly a: Attempt<T>,
    private readonly signal: AbortSignal | undefined,
    private readonly resolve: (value: T | undefined) => void,
    private readonly reject: (reason: unknown) => void,
  ) {}

  start(timeout: number): void {
    countPending(1);
    waiting.add(this);
    this.signal?.addEventListener("abort", this.onAbort);
    // A bounded wait is worth keeping the process for: its caller was promised an answer. An endless one is not.
    if (timeout < 2 ** 31) this.limit = setTimeout(() => this.settle(undefined), Math.max(timeout, 1));
    this.sleep();
  }

  sleepsOn(words: Int32Array, index: number): boolean {
    const own = this.a.words;
    if (this.nudged) return false;
    return own.buffer === words.buffer && own.byteOffset + this.a.index * 4 === words.byteOffset + index * 4;
  }

  nudge(): void {
    this.awaken();
    this.nudged = true;
    nudges++;
    setImmediate(() => {
      this.nudged = false;
      nudges--;
      if (this.settled) return;
      this.awaken(); // a slice may have put it to sleep again
      this.tryAgain();
    });
  }

  /** As after a slice, but on the next turn of the event loop, which goes on until then. */
  retry(): void {
    setImmediate(() => {
      clearTimeout(this.sliceTimer);
      if (!this.settled) this.onSlice();
    });
  }

  private awaken(): void {
    clearTimeout(this.sliceTimer);
    this.endSleep?.(); // as in onSlice
    this.endSleep = undefined;
  }

  private readonly onAbort = (): void => this.fail(this.signal?.reason);

  private readonly again = (): void => {
    this.endSleep = undefined;
    clearTimeout(this.sliceTimer);
    // Whoever was nudged called before this wait did, and tries first.
    if (nudges > 0) setImmediate(this.tryAgain);
    else this.tryAgain();
  };

  private readonly tryAgain = (): void => {
    if (this.settled) return;
    this.slice = FIRST_SLICE;
    this.step();
  };

  private readonly onSlice = (): void => {
    this.slice = Math.min(this.slice * 2, LONGEST_SLICE);
    this.endSleep?.(); // if a wake was on its way, the step below does what it asked for
    this.endSleep = undefined;
    this.guarded(() => this.a.recover?.());
    if (!this.settled) this.step();
  };

  private guarded(f: () => void): void {
    try {
      f();
    } catch (error) {
      this.fail(error);
    }
  }

  private step(): void {
    this.guarded(() => {
      const result = this.a.attempt(true);
      if (result !== undefined) this.settle(result);
      else this.sleep();
    });
  }

  private sleep(): void {
    this.guarded(() => {
      const expected = this.a.announce();
      const result = this.a.attempt(true);
      if (result !== undefined) return this.settle(result);
      this.endSleep = onWordChange(this.a.words, this.a.index, expected, this.again);
      this.sliceTimer = setTimeout(this.onSlice, this.slice).unref();
    });
  }

  private release(): void {
    if (this.settled) return;
    this.settled = true;
    waiting.delete(this);
    clearTimeout(this.limit);
    clearTimeout(this.sliceTimer);
    this.signal?.removeEventListener("abort", this.onAbort);
    // A wake that was meant for us and came too late goes to the next sleeper.
    if (this.endSleep?.() === false) native.futexWake(this.a.words, this.a.index, 1);
    countPending(-1);
  }

  private settle(value: T | undefined): void {
    this.release();
    this.resolve(value);
  }

  private fail(reason: unknown): void {
    this.release();
    this.reject(reason);
  }
}

/** Resolves once a try succeeds. `undefined`: `timeout` milliseconds have passed first. Rejects when cancelled. */
export function block<T>(a: Attempt<T>, timeout: number, signal: AbortSignal | undefined): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const result = a.attempt(false);
    if (result !== undefined || timeout <= 0) resolve(result);
    else new AsyncWait(a, signal, resolve, reject).start(timeout);
  });
}
