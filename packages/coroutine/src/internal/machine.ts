/**
 * Gives tasks their turns. In a round every task that is ready at its beginning has one; those that become ready
 * meanwhile, itself included, come in the next round. So none starves another, whatever its priority.
 *
 * A turn of the event loop makes as many rounds as there is something to do, for SLICE milliseconds at the most.
 * Woken by a promise, it begins as a microtask of that; what is left of the slice then goes on counting.
 */
import type { Clock } from "../clock.js";
import type { Fiber } from "./fiber.js";
import { Random } from "./random.js";
import type { Scope } from "./scope.js";
import { type Timer, Timers } from "./timers.js";

/** Milliseconds for which tasks may keep the event loop from its other work. */
const SLICE = 5;
/** Steps between two looks at the clock. */
const MANY = 256;
/** The longest array that is kept for the next round. */
const KEPT = 10_000;

export class Machine {
  spawned = 0;
  /** Calls that are under way outside. */
  outside = 0;
  /** Of all tasks. */
  readonly scopes = new Set<Scope>();
  /** Two arrays that are filled in turn and never emptied: one whose length is set to 0 has to grow again. */
  private ready: Array<Fiber | undefined> = [];
  private readyCount = 0;
  private round: Array<Fiber | undefined> = [];
  private roundCount = 0;
  private at = 0;
  private ordered = false;
  private readonly timers = new Timers();
  private alarmAt = Number.POSITIVE_INFINITY;
  private active = false;
  private turning = false;
  private woken = false;
  private steps = 0;
  private sliceEnds = 0;
  private freshSlice = true;
  private unseeded: Random | undefined;

  constructor(
    readonly clock: Clock,
    private readonly random: Random | undefined,
    /** Runs when there is nothing to do. */
    private readonly onIdle: () => void,
  ) {}

  /** For choices that must be fair, seed or no seed. */
  get anyRandom(): Random {
    this.unseeded ??= this.random ?? new Random(this.spawned);
    return this.unseeded;
  }

  // --- what is to be done

  enqueue(fiber: Fiber): void {
    this.ready[this.readyCount++] = fiber;
    if (fiber.priority !== 0) this.ordered = true;
    if (!this.turning) this.wake();
  }

  ringAfter(ms: number, timer: Timer): void {
    this.timers.add(timer, this.clock.now() + Math.max(ms, 0));
  }

  removeTimer(timer: Timer): void {
    this.timers.remove(timer);
  }

  /** Nobody can wake anybody: known only where nothing happens but what tasks do. */
  get isStuck(): boolean {
    return this.clock.isolated === true && this.outside === 0 && !this.hasTimers && this.readyCount === 0;
  }

  /** A line for each task. */
  describe(): string[] {
    return [...this.scopes].flatMap((scope) => scope.members()).map((fiber) => fiber.describe());
  }

  /** When it is time for the next one; Infinity: never. */
  private get earliest(): number {
    return this.timers.earliest ?? Number.POSITIVE_INFINITY;
  }

  private get hasTimers(): boolean {
    return this.earliest < Number.POSITIVE_INFINITY;
  }

  // --- turns

  start(): void {
    this.active = true;
    this.wake();
  }

  stop(): void {
    this.active = false;
    this.clock.clearAlarm();
    this.alarmAt = Number.POSITIVE_INFINITY;
  }

  private wake(): void {
    if (this.woken || !this.active) return;
    this.woken = true;
    if (this.steps < MANY || performance.now() < this.sliceEnds) queueMicrotask(this.turn);
    else this.goOnLater();
  }

  private goOnLater(): void {
    this.woken = true;
    setImmediate(() => {
      this.freshSlice = true;
      this.turn();
    });
  }

  private readonly turn = (): void => {
    this.woken = false;
    if (!this.active) return;
    if (this.freshSlice) this.beginSlice();
    if (this.clock.isolated) this.setAlarm(Number.POSITIVE_INFINITY); // time stands still while tasks run
    this.turning = true;
    const over = this.rounds();
    this.turning = false;
    if (over) this.rest();
    else this.goOnLater();
  };

  private beginSlice(): void {
    this.freshSlice = false;
    this.steps = 0;
    this.sliceEnds = performance.now() + SLICE;
    setImmediate(() => {
      this.freshSlice = true;
    }).unref();
  }

  /** Whether everything that was to be done is. */
  private rounds(): boolean {
    for (;;) {
      if (this.at === this.roundCount && !this.beginRound()) return true;
      const fiber = this.round[this.at]!;
      this.round[this.at++] = undefined; // what it returns is not to be kept
      fiber.step();
      if (++this.steps % MANY === 0 && this.lookAtClock()) return false;
    }
  }

  private ringDue(): void {
    if (this.hasTimers) this.timers.ring(this.clock.now());
  }

  private lookAtClock(): boolean {
    this.ringDue();
    return performance.now() >= this.sliceEnds;
  }

  private beginRound(): boolean {
    const { round } = this;
    this.ringDue();
    this.round = this.ready;
    this.roundCount = this.readyCount;
    this.ready = round.length > KEPT ? [] : round;
    this.readyCount = 0;
    this.at = 0;
    if (this.random) this.random.shuffle(this.round, this.roundCount);
    if (this.ordered) this.order();
    return this.roundCount > 0;
  }

  private order(): void {
    this.ordered = false;
    this.round.length = this.roundCount;
    this.round.sort((a, b) => b!.priority - a!.priority);
  }

  // --- nothing to do

  private rest(): void {
    const { earliest } = this;
    if (this.hasTimers && this.outside === 0 && this.clock.skipTo?.(earliest)) {
      this.wake();
      return;
    }
    if (earliest !== this.alarmAt) this.setAlarm(earliest);
    this.onIdle();
  }

  private setAlarm(at: number): void {
    this.alarmAt = at;
    if (at === Number.POSITIVE_INFINITY) this.clock.clearAlarm();
    else this.clock.setAlarm(at, this.alarm);
  }

  private readonly alarm = (): void => {
    this.alarmAt = Number.POSITIVE_INFINITY;
    this.wake();
  };
}
