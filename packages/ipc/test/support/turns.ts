/**
 * A model checker for the promise forms: walks the orders in which one event loop may take its turns. The built code runs
 * as it is; the event loop's queues and the waiter's thread are swapped underneath, and the walk decides what comes next:
 * the first setImmediate, the first wake by the waiter's thread, a timer, or the next step of an actor.
 *
 * An actor is a list of steps, each of which runs to its end. One `elsewhere` stands for another process: it has a mapping
 * of its own, so that this thread's waits hear of it through the waiter's thread only.
 *
 * A slice of sleep (waiting.ts) may pass too early, which must do no harm, as often as `slices` says; none passes where
 * nothing else is left to happen: a wait that only its slices would save is pending at the end.
 */
import { setImmediate as realTurn } from "node:timers";
import { impersonate, native } from "../../dist/testing.js";
import { Schedules } from "./schedules.js";
import { swap } from "./swap.js";

export interface Actor {
  elsewhere?: boolean;
  steps: (() => unknown)[];
}

/** One run: its actors, and what must hold once nothing more can happen. */
export interface Scene {
  actors: Actor[];
  check(): void;
}

export interface TurnsModel {
  words: number;
  slices: number;
  /**
   * Sets one run up over the memory, as this thread and as another process see it. Whatever waits longer than the run
   * must be cancelled by `end`.
   */
  begin(here: Int32Array, there: Int32Array, end: AbortSignal): Scene;
  /** A failing schedule, to run only that one. */
  schedule?: string;
}

interface Timer {
  fire(): void;
  slice: boolean;
}

interface Sleep {
  address: number;
  id: number;
}

type Choose = (n: number) => number;

/** After all microtasks. */
const settled = () => new Promise<void>((resolve) => void realTurn(resolve));

/** What has become of a promise, without waiting for it. */
export interface Outcome {
  state: "pending" | "fulfilled" | "rejected";
  value?: any;
}

export function outcomeOf(promise: Promise<unknown>): Outcome {
  const outcome: Outcome = { state: "pending" };
  promise.then(
    (value) => Object.assign(outcome, { state: "fulfilled", value }),
    (value) => Object.assign(outcome, { state: "rejected", value }),
  );
  return outcome;
}

let onWake: (id: number) => void;
let running: Turns | undefined;
let lastId = 0;

/** The event loop of one run. */
class Turns {
  private readonly immediates: (() => void)[] = [];
  private readonly wakes: number[] = [];
  private readonly timers = new Set<Timer>();
  private readonly sleeps = new Set<Sleep>();

  constructor(
    private readonly choose: Choose,
    private slices: number,
  ) {}

  readonly globals = {
    setImmediate: (run: () => void) => void this.immediates.push(run),
    setTimeout: (fire: () => void) => {
      const timer = { fire, slice: false, unref: () => Object.assign(timer, { slice: true }) };
      this.timers.add(timer);
      return timer;
    },
    clearTimeout: (timer: Timer | undefined) => timer && void this.timers.delete(timer),
  };

  add(address: number, id: number, unchanged: boolean): void {
    if (unchanged) this.sleeps.add({ address, id });
    else this.wakes.push(id);
  }

  cancel(id: number): number {
    for (const sleep of this.sleeps) if (sleep.id === id) return Number(this.sleeps.delete(sleep));
    return 0;
  }

  wake(address: number, count: number): number {
    const woken = [...this.sleeps].filter((sleep) => sleep.address === address).slice(0, count);
    for (const sleep of woken) {
      this.sleeps.delete(sleep);
      this.wakes.push(sleep.id);
    }
    return woken.length;
  }

  private turns(actors: Actor[]): (() => unknown)[] {
    const { immediates, wakes, timers } = this;
    const next: (() => unknown)[] = [];
    if (immediates.length > 0) next.push(() => immediates.shift()!());
    if (wakes.length > 0) next.push(() => onWake(wakes.shift()!));
    for (const actor of actors) if (actor.steps.length > 0) next.push(() => act(actor));
    const bounds = [...timers].filter((timer) => !timer.slice);
    next.push(...bounds.map((timer) => () => this.fire(timer)));
    if (next.length > 0 && this.slices > 0)
      next.push(...[...timers].filter((timer) => timer.slice).map((timer) => () => this.fire(timer)));
    return next;
  }

  private fire(timer: Timer): void {
    this.timers.delete(timer);
    if (timer.slice) this.slices--;
    timer.fire();
  }

  /** Until nothing more can happen. */
  async walk(actors: Actor[]): Promise<void> {
    for (;;) {
      await settled();
      const turns = this.turns(actors);
      if (turns.length === 0) return;
      turns[this.choose(turns.length)]!();
    }
  }
}

const here = { tid: 101, start: 7 };
const there = { tid: 102, start: 7 };

function act({ elsewhere, steps }: Actor): void {
  impersonate(elsewhere ? there : here);
  try {
    steps.shift()!();
  } finally {
    impersonate(here);
  }
}

const addressOf = (words: Int32Array, index: number) => words.byteOffset + words.BYTES_PER_ELEMENT * index;

const calls = {
  // Asked once for all runs.
  waiterOpen: (wake: (id: number) => void) => {
    onWake = wake;
    return {};
  },
  waiterAdd: (_: unknown, words: Int32Array, index: number, expected: number) => {
    running!.add(addressOf(words, index), ++lastId, words[index] === expected);
    return lastId;
  },
  waiterCancel: (_: unknown, id: number) => running!.cancel(id),
  futexWake: (words: Int32Array, index: number, count: number) => running!.wake(addressOf(words, index), count),
  taskStart: () => here.start,
};

/** The same memory twice, as two processes see it. */
function mappedTwice(words: number): [Int32Array, Int32Array] {
  const fd = native.memfdCreate("turns");
  const bytes = words * Int32Array.BYTES_PER_ELEMENT;
  native.allocate(fd, 0, bytes);
  const views = [1, 2].map(() => new Int32Array(native.map(fd, 0, bytes) as ArrayBuffer));
  native.close(fd);
  return views as [Int32Array, Int32Array];
}

async function runOnce(model: TurnsModel, views: [Int32Array, Int32Array], choose: Choose): Promise<void> {
  const end = new AbortController();
  views[0].fill(0);
  running = new Turns(choose, model.slices);
  const restore = [swap(native, calls), swap(globalThis, running.globals)];
  impersonate(here);
  try {
    const { actors, check } = model.begin(...views, end.signal);
    await running.walk(actors);
    check();
  } finally {
    end.abort();
    await settled();
    impersonate(undefined);
    for (const back of restore) back();
  }
}

/** Walks all schedules; prints and returns how many. Throws with the schedule that fails, which `schedule` runs again. */
export async function exploreTurns(model: TurnsModel): Promise<number> {
  const views = mappedTwice(model.words);
  const schedules = new Schedules(model.schedule);
  do {
    try {
      await runOnce(model, views, schedules.choose);
    } catch (error) {
      throw schedules.failure(error);
    }
  } while (schedules.next());
  return schedules.report();
}
