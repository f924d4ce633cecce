/** A flag that threads and processes wait for. */
import { inspect } from "node:util";
import { blockingCalls } from "./internal/blocking-calls.js";
import { adoptCell, allocateCell, type Cell, type CellHandle } from "./internal/cell.js";
import { type SyncWaitOptions, timeoutOf, type WaitOptions } from "./internal/options.js";
import { registerShared } from "./internal/shared-type.js";
import { type Attempt, block, blockSync, Spin, wake } from "./internal/waiting.js";

/*
 * Layout of an event's cell (Int32 words):
 *   0  state   SET (bit 0), SLEEPERS (bit 1), and how often it has been set (bits 2 to 31, wrapping)
 *
 * Transitions, each one atomic operation:
 *   clear -> set     and one more; SLEEPERS goes, and all who sleep are woken
 *   set   -> clear   the number stays
 *   clear -> clear|SLEEPERS
 *
 * A waiter notes the number when it comes: one more means that the event was set meanwhile, also if it was cleared
 * again before the waiter could look. A process that dies between setting and waking leaves the event set; sleepers look
 * after each slice.
 */
const STATE = 0;
const SET = 1;
const SLEEPERS = 2;
const ONCE = 4;
const EVERYBODY = 0x7fffffff;

class EventWait implements Attempt<true> {
  readonly index = STATE;
  private readonly times: number;

  constructor(
    readonly words: Int32Array,
    readonly spin: Spin,
  ) {
    this.times = Atomics.load(words, STATE) >> 2;
  }

  attempt(): true | undefined {
    const state = Atomics.load(this.words, STATE);
    return state & SET || state >> 2 !== this.times ? true : undefined;
  }

  announce(): number {
    const state = Atomics.load(this.words, STATE);
    if (state & (SET | SLEEPERS)) return state;
    Atomics.compareExchange(this.words, STATE, state, state | SLEEPERS);
    return state | SLEEPERS;
  }
}

/**
 * An event: a flag, at first not set, that anybody sets or clears and anybody waits for.
 *
 * Whoever waits when it is set is released, even if it is cleared at once.
 *
 * @example
 * await ready.wait({ timeout: 1000 }) || console.error("still not ready");
 *
 * Safe from: any process and thread. Source: CPython multiprocessing/synchronize.py; futex(2).
 */
export class Event {
  private readonly cell: Cell;
  private readonly spin = new Spin();

  constructor(/** @internal */ cell?: unknown) {
    this.cell = (cell as Cell | undefined) ?? allocateCell(4);
  }

  /** Whether it is set at this moment. */
  isSet(): boolean {
    return (Atomics.load(this.cell.words, STATE) & SET) !== 0;
  }

  /** Sets it and releases everybody who waits. */
  set(): void {
    const { words } = this.cell;
    let state = Atomics.load(words, STATE);
    while (!(state & SET)) {
      const seen = Atomics.compareExchange(words, STATE, state, ((state & ~SLEEPERS) + ONCE) | SET);
      if (seen !== state) {
        state = seen;
        continue;
      }
      if (state & SLEEPERS) wake(words, STATE, EVERYBODY);
      return;
    }
  }

  /** Clears it: from now on `wait` waits. */
  clear(): void {
    Atomics.and(this.cell.words, STATE, ~SET);
  }

  /**
   * Resolves with true once it is set, with false when `timeout` milliseconds have passed first.
   * @throws the signal's reason when cancelled
   *
   * Blocks: the caller only; the event loop goes on, and the wait by itself keeps no process alive.
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    const timeout = timeoutOf(options, "wait for the event");
    return (await block(new EventWait(this.cell.words, this.spin), timeout, options?.signal)) ?? false;
  }

  /**
   * As {@link wait}, but blocks the thread.
   *
   * Blocks: the thread.
   */
  waitSync(options?: SyncWaitOptions): boolean {
    const timeout = timeoutOf(options, "wait for the event");
    return this.isSet() || (blockSync(new EventWait(this.cell.words, this.spin), timeout) ?? false);
  }

  toString(): string {
    return `<${this.constructor.name} ${this.isSet() ? "set" : "unset"}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

registerShared({
  name: "Event",
  cls: Event,
  pack: (event: Event) => (event as unknown as { cell: Cell }).cell.handle(),
  unpack: (handle) => new Event(adoptCell(handle as CellHandle)),
});

blockingCalls("Event", Event.prototype, { waitSync: ["wait", 0] });
