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
import { afterFork } from "./after-fork.js";
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

/**
 * The promise-form waits of this thread stand in line, one line for each word, in the order of their calls. Only the first
 * sleeps and tries; whoever is behind it waits for its turn, so that nothing overtakes: what one thread puts on a full
 * queue arrives in its order. All attempts of one word succeed for the same reasons, the earlier one no later.
 */
let lines = new Map<ArrayBufferLike, Map<number, Line>>();
// What the parent waits for, the child does not.
afterFork(() => {
  lines = new Map();
});

const offsetOf = (words: Int32Array, index: number) => words.byteOffset + index * Int32Array.BYTES_PER_ELEMENT;

function lineAt(words: Int32Array, index: number): Line | undefined {
  return lines.size === 0 ? undefined : lines.get(words.buffer)?.get(offsetOf(words, index));
}

/** Whether promise-form waits of this thread stand in line for a word: nobody may overtake them. */
export function isWaitedFor(words: Int32Array, index: number): boolean {
  return lineAt(words, index) !== undefined;
}

/**
 * Wakes up to `count` sleepers of a word that was changed. Those of this very thread try on the next turn of its event
 * loop, which goes on until then: a wake through the waiter's thread might find the process at its end.
 * @returns how many the kernel woke
 */
export function wake(words: Int32Array, index: number, count: number): number {
  lineAt(words, index)?.nudge(count > 1);
  return native.futexWake(words, index, count);
}

/** Has every promise-form wait try again, and look whether an owner has died: for `@cordage/process`, when the last one is gone who could have woken them. */
export function retryPendingWaits(): void {
  for (const ofMemory of lines.values()) for (const line of ofMemory.values()) setImmediate(line.onSlice);
}

class Line {
  private readonly waits = new Set<AsyncWait<any>>();
  private endSleep: (() => boolean) | undefined;
  private sliceTimer: NodeJS.Timeout | undefined;
  private slice = FIRST_SLICE;
  /** A try is due on the next turn of the event loop; of all, or only until one must wait on. */
  private due: "first" | "all" | undefined;
  private serving = false;
  /** A wake may have reached it that it has not answered with a try. */
  private owing = false;

  constructor(
    private readonly words: Int32Array,
    private readonly index: number,
  ) {
    const ofMemory = lines.get(words.buffer) ?? new Map<number, Line>();
    lines.set(words.buffer, ofMemory.set(offsetOf(words, index), this));
  }

  join(wait: AsyncWait<any>): void {
    this.waits.add(wait);
    if (this.waits.size === 1) this.sleep();
    // Its owner may have changed without a wake: a thread that holds an RLock has it for all its waits.
    else if (this.first!.tries()) this.serve();
  }

  /** Also while others go on waiting: they sleep on. */
  leave(wait: AsyncWait<any>): void {
    if (!this.waits.delete(wait) || this.waits.size > 0) return;
    this.awaken();
    const ofMemory = lines.get(this.words.buffer);
    if (ofMemory?.get(offsetOf(this.words, this.index)) === this) ofMemory.delete(offsetOf(this.words, this.index));
    if (ofMemory?.size === 0) lines.delete(this.words.buffer);
    // A wake that was meant for us and came too late goes to the next sleeper.
    if (this.owing) native.futexWake(this.words, this.index, 1);
  }

  /** A wake by this thread. */
  nudge(all: boolean): void {
    if (this.serving && !all) return; // the next one tries anyway
    const known = this.due;
    this.due = all ? "all" : (known ?? "first");
    if (known) return;
    this.awaken();
    this.owing = true;
    setImmediate(() => {
      const all = this.due === "all";
      this.due = undefined;
      this.slice = FIRST_SLICE;
      this.serve(all);
    });
  }

  /** Lets them try in their order, until one must go on waiting; after an alarm, all of them. */
  serve(all = false): void {
    this.awaken();
    this.owing = false;
    this.serving = true;
    for (const wait of this.waits) if (!wait.tries() && !all) break;
    this.serving = false;
    this.sleep();
  }

  readonly onSlice = (): void => {
    this.slice = Math.min(this.slice * 2, LONGEST_SLICE);
    this.first?.recover();
    this.serve();
  };

  private readonly onWoken = (): void => {
    this.endSleep = undefined;
    this.slice = FIRST_SLICE;
    this.serve();
  };

  private get first(): AsyncWait<any> | undefined {
    for (const wait of this.waits) return wait;
    return undefined;
  }

  private awaken(): void {
    clearTimeout(this.sliceTimer);
    if (this.endSleep?.() === false) this.owing = true;
    this.endSleep = undefined;
  }

  private sleep(): void {
    while (this.endSleep === undefined) {
      const { first } = this;
      if (!first) return;
      first.guarded(() => {
        const expected = first.a.announce();
        if (!first.tries()) this.endSleep = onWordChange(this.words, this.index, expected, this.onWoken);
      });
    }
    this.sliceTimer = setTimeout(this.onSlice, this.slice).unref();
  }
}

/** One promise-form wait. */
class AsyncWait<T> {
  private line: Line | undefined;
  private limit: NodeJS.Timeout | undefined;
  private settled = false;

  constructor(
    readonly a: Attempt<T>,
    private readonly signal: AbortSignal | undefined,
    private readonly resolve: (value: T | undefined) => void,
    private readonly reject: (reason: unknown) => void,
  ) {}

  start(line: Line, timeout: number): void {
    this.line = line;
    countPending(1);
    this.signal?.addEventListener("abort", this.onAbort);
    // A bounded wait is worth keeping the process for: its caller was promised an answer. An endless one is not.
    if (timeout < 2 ** 31) this.limit = setTimeout(this.onLimit, Math.max(timeout, 1));
    line.join(this);
  }

  /** One try; whether that ended the wait. */
  tries(): boolean {
    this.guarded(() => {
      const result = this.a.attempt(true);
      if (result !== undefined) this.settle(result);
    });
    return this.settled;
  }

  recover(): void {
    this.guarded(() => this.a.recover?.());
  }

  guarded(f: () => void): void {
    try {
      f();
    } catch (error) {
      this.fail(error);
    }
  }

  private readonly onAbort = (): void => this.fail(this.signal?.reason);

  private readonly onLimit = (): void => {
    this.line?.serve(); // this thread may have been too busy to look
    this.settle(undefined);
  };

  private end(): boolean {
    if (this.settled) return false;
    this.settled = true;
    clearTimeout(this.limit);
    this.signal?.removeEventListener("abort", this.onAbort);
    this.line?.leave(this);
    countPending(-1);
    return true;
  }

  private settle(value: T | undefined): void {
    if (this.end()) this.resolve(value);
  }

  private fail(reason: unknown): void {
    if (this.end()) this.reject(reason);
  }
}

/** Resolves once a try succeeds. `undefined`: `timeout` milliseconds have passed first. Rejects when cancelled. */
export function block<T>(a: Attempt<T>, timeout: number, signal: AbortSignal | undefined): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const line = lineAt(a.words, a.index);
    if (line === undefined || timeout <= 0) {
      const result = a.attempt(false);
      if (result !== undefined || timeout <= 0) return resolve(result);
    }
    new AsyncWait(a, signal, resolve, reject).start(line ?? new Line(a.words, a.index), timeout);
  });
}
