/** A point where a fixed number of parties meet. */
import { inspect, types } from "node:util";
import { BrokenBarrierError, invalidType } from "./errors.js";
import { BARRIER_BYTES, BarrierCell, MOST_PARTIES, Phase } from "./internal/barrier-cell.js";
import { blockingCalls } from "./internal/blocking-calls.js";
import { adoptCell, allocateCell, type Cell, type CellHandle } from "./internal/cell.js";
import { integerOf, type SyncWaitOptions, timeoutOf, type WaitOptions } from "./internal/options.js";
import { registerShared } from "./internal/shared-type.js";
import { block, blockSync } from "./internal/waiting.js";

export interface BarrierOptions {
  /**
   * Run by the last party to arrive, before anybody is released. It travels with the barrier by reference, as every
   * function does.
   */
  action?: (() => unknown) | undefined;
  /** What `wait` takes where it is given no timeout: milliseconds. */
  timeout?: number | undefined;
}

/**
 * A barrier: `wait` holds each party until `parties` of them have come, then all go on, and it starts anew.
 *
 * A party that does not come in time breaks it: every party gets {@link BrokenBarrierError} until somebody calls
 * `reset`. A party that has arrived counts, even if it is killed while it waits, as in Python; one that is killed while it
 * runs the action breaks the barrier.
 *
 * Differs from Python: cancelling a wait breaks the barrier too, since the others can no longer be complete.
 *
 * @example
 * const index = await barrier.wait({ timeout: 1000 });
 *
 * Safe from: any process and thread. Source: CPython threading.Barrier; java.util.concurrent.CyclicBarrier.
 */
export class Barrier {
  private readonly cell: Cell;
  private readonly state: BarrierCell;
  private readonly action: (() => unknown) | undefined;
  private readonly timeout: number;

  /**
   * @param parties a whole number from 1 to 4,194,303
   * @throws {RangeError} ERR_OUT_OF_RANGE when it is not
   * @throws {TypeError} ERR_INVALID_ARG_TYPE when `action` is no function
   */
  constructor(parties: number, options: BarrierOptions = {}, /** @internal */ cell?: unknown) {
    const doing = "create the barrier";
    this.timeout = timeoutOf(options, doing);
    this.action = options.action;
    if (this.action !== undefined && typeof this.action !== "function")
      throw invalidType(doing, "action must be a function", this.action);
    if (!cell) integerOf(parties, "parties", doing, 1, MOST_PARTIES);
    this.cell = (cell as Cell | undefined) ?? allocateCell(BARRIER_BYTES);
    this.state = new BarrierCell(this.cell.words);
    if (!cell) this.state.initialize(parties);
  }

  /** How many must come. */
  get parties(): number {
    return this.state.parties;
  }

  /** How many wait at this moment. */
  get nWaiting(): number {
    const { phase, number } = this.state.current();
    return phase === Phase.open ? number : 0;
  }

  /** Whether it is broken, until somebody resets it. */
  get broken(): boolean {
    return this.state.current().phase === Phase.broken;
  }

  /**
   * Waits for the other parties. Resolves with the party's rank, from 0 to parties - 1, each given once; the last to come
   * has the highest and runs the action, which may return a promise.
   *
   * The timeout is for the others to come: once all are there, it no longer counts, however long the action takes.
   * @throws {BrokenBarrierError} ERR_BROKEN_BARRIER when it is broken or reset, or `timeout` milliseconds have passed first
   * @throws what the action throws, in the party that ran it; the barrier is broken then
   * @throws the signal's reason when cancelled; the barrier is broken then, unless all had come
   *
   * Blocks: the caller only; the event loop goes on, and the wait by itself keeps no process alive.
   */
  async wait(options?: WaitOptions): Promise<number> {
    const timeout = this.timeoutOf(options);
    const signal = options?.signal;
    signal?.throwIfAborted();
    let arrival = this.arrive();
    for (; arrival.busy; arrival = this.arrive())
      await block(this.state.notActing(arrival.generation), Number.POSITIVE_INFINITY, signal);
    const { generation, rank } = arrival;
    if (arrival.acts) await this.actAndRelease(generation);
    else if (!arrival.last) await this.othersCome(generation, timeout, signal);
    return rank;
  }

  /**
   * As {@link wait}, but blocks the thread. The action must not return a promise.
   *
   * Blocks: the thread.
   */
  waitSync(options?: SyncWaitOptions): number {
    const timeout = this.timeoutOf(options);
    let arrival = this.arrive();
    for (; arrival.busy; arrival = this.arrive())
      blockSync(this.state.notActing(arrival.generation), Number.POSITIVE_INFINITY);
    const { generation, rank } = arrival;
    if (arrival.acts) this.actAndReleaseSync(generation);
    else if (!arrival.last) this.othersComeSync(generation, timeout);
    return rank;
  }

  /** Makes it as new: whoever waits gets {@link BrokenBarrierError}, whoever comes next starts a new round. */
  reset(): void {
    this.state.reset();
  }

  /** Breaks it: whoever waits or comes gets {@link BrokenBarrierError} until somebody calls `reset`. */
  abort(): void {
    this.state.abort();
  }

  toString(): string {
    const how = this.broken ? "broken" : `waiters=${this.nWaiting}/${this.parties}`;
    return `<${this.constructor.name} ${how}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  private timeoutOf(options: SyncWaitOptions | undefined): number {
    const timeout = timeoutOf(options, "wait at the barrier");
    return options?.timeout === undefined || options.timeout === null ? this.timeout : timeout;
  }

  private arrive() {
    const arrival = this.state.arrive(this.action !== undefined);
    if (arrival.broken) throw broken("it is broken; reset() makes it work again");
    return arrival;
  }

  private async othersCome(generation: number, timeout: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      const outcome = await block(this.state.decided(generation), timeout, signal);
      judge(outcome ?? this.giveUp(generation) ?? (await block(this.state.decided(generation), Infinity, signal)));
    } catch (error) {
      // Cancelled; of a barrier that is decided or broken already nothing is left to break.
      this.state.breakIfIncomplete(generation);
      throw error;
    }
  }

  private othersComeSync(generation: number, timeout: number): void {
    const outcome = blockSync(this.state.decided(generation), timeout);
    judge(outcome ?? this.giveUp(generation) ?? blockSync(this.state.decided(generation), Infinity));
  }

  /** The time is over: breaks the barrier, unless all have come; undefined if the action still runs. */
  private giveUp(generation: number): Phase | undefined {
    if (this.state.breakIfIncomplete(generation)) throw broken("the timeout passed before all parties came");
    return this.state.outcome(generation);
  }

  private async actAndRelease(generation: number): Promise<void> {
    try {
      await this.action?.();
    } catch (error) {
      this.state.finish(generation, Phase.broken);
      throw error;
    }
    this.release(generation);
  }

  private actAndReleaseSync(generation: number): void {
    try {
      const result = this.action?.();
      if (types.isPromise(result))
        throw invalidType("run the barrier's action", "waitSync takes no action that returns a promise", result);
    } catch (error) {
      this.state.finish(generation, Phase.broken);
      throw error;
    }
    this.release(generation);
  }

  private release(generation: number): void {
    if (!this.state.finish(generation, Phase.passed)) throw broken("it was reset or aborted while the action ran");
  }
}

function broken(reason: string): BrokenBarrierError {
  return new BrokenBarrierError(`cannot pass the barrier: ${reason}`);
}

function judge(outcome: Phase | undefined): void {
  if (outcome !== Phase.passed) throw broken("it was reset, aborted, or another party gave up or died");
}

interface PackedBarrier {
  cell: CellHandle;
  timeout: number;
  action?: () => unknown;
}

registerShared({
  name: "Barrier",
  cls: Barrier,
  pack(barrier: Barrier): PackedBarrier {
    const { cell, timeout, action } = barrier as unknown as { cell: Cell; timeout: number; action?: () => unknown };
    return { cell: cell.handle(), timeout, ...(action && { action }) };
  },
  unpack(data) {
    const { cell, timeout, action } = data as PackedBarrier;
    return new Barrier(0, { timeout, action }, adoptCell(cell));
  },
});

blockingCalls("Barrier", Barrier.prototype, { waitSync: ["wait", 0] });
