/**
 * A small model checker: walks the interleavings of two or three parties over one piece of shared memory, one access at
 * a time. The parties run the built code itself; Atomics, the memory and the futex calls are swapped underneath.
 *
 * How one thread steps several parties: a party is a function of what its accesses have returned. To step it, it is run
 * again from its start on the recorded results, does one access more, and is left by an exception. So a party builds its
 * objects itself, anew each time, over the memory it is given.
 *
 * All asleep is a failure: a lost wake-up. With `crash`, one party stops for ever at any access; then, and only then, a
 * slice of sleep may pass.
 */
import { constants } from "node:os";
import { impersonate, native, Spin } from "../../dist/testing.js";

export type PartyProgram = (memory: Int32Array) => unknown;
export interface Model {
  words: number;
  parties: PartyProgram[];
  /** How often a party that could go on is interrupted. */
  preemptions: number;
  crash?: boolean;
  /** Looks at the end of each schedule: what each party returned or threw, "dead" for one that crashed. */
  check(outcomes: unknown[], memory: Int32Array): void;
  /** A failing schedule, to run only that one. */
  schedule?: string;
}

const real = Atomics;
const stop = new Error("the party's share is over");

class Party {
  readonly log: unknown[] = [];
  asleepOn: number | undefined;
  outcome: unknown;
  done = false;
  dead = false;
  constructor(
    readonly program: PartyProgram,
    readonly tid: number,
  ) {}
  get runnable(): boolean {
    return !this.done && !this.dead && this.asleepOn === undefined;
  }
}

class Run {
  readonly memory: Int32Array;
  readonly parties: Party[];
  private readonly view: Int32Array;
  private current!: Party;
  private at = 0;
  private share = 0;

  constructor(model: Model) {
    this.memory = new Int32Array(model.words);
    this.parties = model.parties.map((program, i) => new Party(program, 101 + i));
    this.view = new Proxy(this.memory, {
      get: (raw, key) => (key === "length" ? raw.length : this.access(() => raw[Number(key)])),
      set: (raw, key, value) => this.access(() => Reflect.set(raw, key, value, raw)) as boolean,
    });
  }

  /** One access: its recorded result, or the one step of this turn. */
  private access(perform: () => unknown): unknown {
    const { log } = this.current;
    if (this.at < log.length) return log[this.at++];
    if (this.share-- <= 0) throw stop;
    log.push(perform());
    return log[this.at++];
  }

  private readonly wait = (_words: unknown, index: number, expected: number): unknown => {
    const { current } = this;
    return this.access(() => {
      if (this.memory[index] !== expected) return -constants.errno.EAGAIN;
      current.asleepOn = index;
      throw stop;
    });
  };

  private readonly wake = (_words: unknown, index: number, count: number): unknown =>
    this.access(() => {
      const sleepers = this.parties.filter((party) => party.asleepOn === index && !party.dead).slice(0, count);
      for (const sleeper of sleepers) this.rouse(sleeper, 0);
      return sleepers.length;
    });

  rouse(sleeper: Party, result: number): void {
    sleeper.asleepOn = undefined;
    sleeper.log.push(result);
  }

  private readonly taskStart = (tid: number): unknown =>
    this.access(() => (this.parties[tid - 101]!.dead ? -constants.errno.ESRCH : 7));

  private readonly atomics = Object.fromEntries(
    ["add", "and", "compareExchange", "exchange", "load", "or", "store", "sub"].map((name) => [
      name,
      (_words: unknown, ...args: unknown[]) => this.access(() => (real as any)[name](this.memory, ...args)),
    ]),
  ) as unknown as typeof Atomics;

  step(party: Party): void {
    Object.assign(this, { current: party, at: 0, share: 1 });
    const swapped = { futexWait: this.wait, futexWake: this.wake, taskStart: this.taskStart };
    const before = Object.fromEntries(Object.keys(swapped).map((key) => [key, (native as any)[key]]));
    const spin = Spin.prototype.run;
    Object.assign(native, swapped);
    Spin.prototype.run = () => undefined;
    globalThis.Atomics = this.atomics;
    impersonate({ tid: party.tid, start: 7 });
    try {
      party.outcome = party.program(this.view);
      party.done = true;
    } catch (error) {
      if (error !== stop) Object.assign(party, { outcome: error, done: true });
    } finally {
      globalThis.Atomics = real;
      Spin.prototype.run = spin;
      Object.assign(native, before);
      impersonate(undefined);
    }
  }
}

/** One schedule; `choose` decides among n. */
function runOne(model: Model, choose: (n: number) => number): void {
  const run = new Run(model);
  const { parties } = run;
  let current = parties[choose(parties.length)]!;
  let preemptions = model.preemptions;
  let slices = 200;
  for (;;) {
    const crashed = parties.some((party) => party.dead);
    const others = parties.filter((party) => party.runnable && party !== current);
    if (current.runnable) {
      const turns = 1 + (preemptions > 0 ? others.length : 0);
      const choice = choose(turns + (model.crash && !crashed ? 1 : 0));
      if (choice === turns) {
        Object.assign(current, { dead: true, outcome: "dead" });
        continue;
      }
      if (choice > 0) {
        preemptions--;
        current = others[choice - 1]!;
      }
    } else if (others.length > 0) current = others[choose(others.length)]!;
    else {
      const asleep = parties.filter((party) => !party.done && !party.dead);
      if (asleep.length === 0) break;
      if (!crashed) throw new Error("a wake-up is lost: all are asleep");
      if (slices-- === 0) throw new Error("nobody gets on after a crash");
      current = asleep[slices % asleep.length]!;
      run.rouse(current, -constants.errno.ETIMEDOUT);
    }
    run.step(current);
  }
  model.check(
    parties.map((party) => party.outcome),
    run.memory,
  );
}

/** Walks all schedules; returns how many. Throws with the schedule that fails, which `schedule` runs again. */
export function explore(model: Model): number {
  const path: number[] = model.schedule ? model.schedule.split(".").map(Number) : [];
  const widths: number[] = [];
  for (let count = 1; ; count++) {
    let depth = 0;
    const choose = (n: number): number => {
      widths[depth] = n;
      if (depth === path.length) path.push(0);
      return path[depth++]!;
    };
    try {
      runOne(model, choose);
    } catch (error) {
      throw new Error(`${(error as Error).message}; schedule: ${path.slice(0, depth).join(".")}`, { cause: error });
    }
    if (model.schedule) return count;
    path.length = depth;
    while (path.length > 0 && path.at(-1)! + 1 >= widths[path.length - 1]!) path.pop();
    if (path.length === 0) return count;
    path[path.length - 1]!++;
  }
}
