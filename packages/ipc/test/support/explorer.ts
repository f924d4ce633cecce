/**
 * A small model checker: walks the interleavings of two or three parties over one piece of shared memory, one access at
 * a time. The parties run the built code itself; Atomics, views of the memory and the futex calls are swapped underneath.
 *
 * How one thread steps several parties: a party is a function of what its accesses have returned. Before each access
 * the walk decides who goes on. A party that does not is left by an exception; when its turn comes again, it is run from
 * its start on the recorded results. So a party builds its objects itself, anew each time, over the memory it is given.
 *
 * All asleep is a failure, a lost wake-up, unless `maySleep`. A sleep whose timeout is shorter than a slice of
 * waiting.ts is the party's own: it may run out at any moment. With `crash`, one party stops for ever at any access; then,
 * and only then, a slice of sleep may pass.
 */
import { constants } from "node:os";
import { impersonate, native, Spin } from "../../dist/testing.js";
import { Schedules } from "./schedules.js";
import { swap } from "./swap.js";

/** Views made of `memory.buffer` belong to the model too. */
export type PartyProgram = (memory: Int32Array) => unknown;
export interface Model {
  words: number;
  parties: PartyProgram[];
  /** How often a party that could go on is interrupted. */
  preemptions: number;
  crash?: boolean;
  /** Whoever sleeps at the end has "asleep" as its outcome; `check` says whether that is right. */
  maySleep?: boolean;
  /** Sets the memory up. */
  prepare?(memory: Int32Array): void;
  /** Looks at the end of each schedule: what each party returned or threw, "dead" for one that crashed. */
  check(outcomes: unknown[], memory: Int32Array): void;
  /** A failing schedule, to run only that one. */
  schedule?: string;
}

type Words = Int32Array | Uint8Array;
type Choose = (n: number) => number;

const real = Atomics;
const stop = new Error("the party's share is over");
const TIMED_OUT = -constants.errno.ETIMEDOUT;
/** Below the slices of waiting.ts, in milliseconds. */
export const OWN_TIMEOUT = 1;
/** Slices for each sleeper after a crash: enough for one to repair and for those behind it to notice. */
const SLICES = 2;

class Party {
  readonly log: unknown[] = [];
  asleepOn: number | undefined;
  timed = false;
  slices = 0;
  outcome: unknown;
  done = false;
  dead = false;
  constructor(
    readonly program: PartyProgram,
    readonly tid: number,
  ) {}
  get over(): boolean {
    return this.done || this.dead;
  }
  get ready(): boolean {
    return !this.over && (this.asleepOn === undefined || this.timed);
  }
  rouse(result: number): void {
    this.asleepOn = undefined;
    this.timed = false;
    this.log.push(result);
  }
}

let running: Run | undefined;

/** One step of the party that is no access of a view: a system call, or what the test itself keeps in the memory. */
export function asOneStep<T>(perform: (memory: Int32Array, living: number[]) => T): T {
  const run = running!;
  const living = () => [...run.parties.keys()].filter((i) => !run.parties[i]!.dead);
  return run.access(() => perform(run.memory, living())) as T;
}

class Run {
  readonly memory: Int32Array;
  readonly parties: Party[];
  private readonly raws = new WeakMap<object, Words>();
  private readonly view: Words;
  private preemptions: number;
  private crashed = false;
  private current!: Party;
  private next: Party | undefined;
  private at = 0;
  private clock = 0;
  private fresh = false;
  private stopped = false;

  constructor(
    private readonly model: Model,
    private readonly choose: Choose,
  ) {
    this.memory = new Int32Array(model.words);
    model.prepare?.(this.memory);
    this.preemptions = model.preemptions;
    this.parties = model.parties.map((program, i) => new Party(program, 101 + i));
    this.view = this.viewOf(this.memory);
  }

  /** One access: its recorded result, or a step if the party may take one. */
  access(perform: () => unknown): unknown {
    const { log } = this.current;
    if (this.at < log.length) return log[this.at++];
    if (this.stopped || !this.mayGoOn()) this.leave();
    log.push(perform());
    return log[this.at++];
  }

  /** Also for what a `finally` on the way out would do. */
  private leave(): never {
    this.stopped = true;
    throw stop;
  }

  private mayGoOn(): boolean {
    const { current, fresh } = this;
    this.fresh = false;
    const others = fresh || this.preemptions === 0 ? [] : this.parties.filter((one) => one.ready && one !== current);
    const turns = 1 + others.length;
    const choice = this.choose(turns + (this.model.crash && !this.crashed ? 1 : 0));
    if (choice === 0) return true;
    if (choice === turns) {
      this.crashed = true;
      Object.assign(current, { dead: true, outcome: "dead" });
    } else {
      this.preemptions--;
      this.next = others[choice - 1];
    }
    return false;
  }

  private viewOf(raw: Words): Words {
    const view: Words = new Proxy<Words>(raw, {
      get: (_, key) => {
        if (typeof key === "string" && key <= "9~") return this.access(() => raw[key as unknown as number]);
        if (key === "subarray") return (from: number, to?: number) => this.viewOf(raw.subarray(from, to));
        if (key === "set")
          return (source: Words, at: number) => {
            for (const [i, one] of source.entries()) view[at + i] = one;
          };
        return Reflect.get(raw, key, raw);
      },
      set: (_, key, value) => this.access(() => Reflect.set(raw, key, value, raw)) as boolean,
    });
    this.raws.set(view, raw);
    return view;
  }

  private dataViewOf(raw: DataView): DataView {
    const get =
      (_: unknown, key: string) =>
      (...args: unknown[]) =>
        this.access(() => (raw as any)[key](...args));
    return new Proxy(raw, { get } as ProxyHandler<DataView>);
  }

  /** Its constructor; what it makes of the memory is the model's. */
  private viewing(cls: new (...args: any[]) => any, wrap: (raw: any) => unknown): unknown {
    return new Proxy(cls, {
      construct: (_, args) => (args[0] === this.memory.buffer ? wrap(new cls(...args)) : new cls(...args)) as object,
    });
  }

  private addressOf(words: object, index: number): number {
    const raw = this.raws.get(words);
    if (!raw) throw new Error("a word that does not belong to the model");
    return raw.byteOffset + raw.BYTES_PER_ELEMENT * index;
  }

  private readonly wait = (words: object, index: number, expected: number, milliseconds: number): unknown => {
    const { current } = this;
    const address = this.addressOf(words, index);
    const result = this.access(() => {
      if (this.memory[address / 4] !== expected) return -constants.errno.EAGAIN;
      Object.assign(current, { asleepOn: address, timed: milliseconds <= OWN_TIMEOUT });
      return this.leave();
    });
    // The party's clock: it stands still but for its sleeps, so that it is the same in every repetition.
    if (result === TIMED_OUT) this.clock += milliseconds;
    return result;
  };

  private readonly wake = (words: object, index: number, count: number): unknown => {
    const address = this.addressOf(words, index);
    return this.access(() => {
      const sleepers = this.parties.filter((party) => party.asleepOn === address && !party.dead).slice(0, count);
      for (const sleeper of sleepers) sleeper.rouse(0);
      return sleepers.length;
    });
  };

  private readonly taskStart = (tid: number): unknown =>
    this.access(() => (this.parties[tid - 101]!.dead ? -constants.errno.ESRCH : 7));

  /** The memory is the file, too. */
  private readonly punch = (_fd: number, offset: number, length: number): unknown =>
    this.access(() => {
      Buffer.from(this.memory.buffer).fill(0, offset, offset + length);
      return 0;
    });

  private readonly allocate = (): unknown => this.access(() => 0);

  private readonly swappedCalls = {
    futexWait: this.wait,
    futexWake: this.wake,
    taskStart: this.taskStart,
    punch: this.punch,
    allocate: this.allocate,
  };

  private readonly swappedGlobals = {
    Atomics: Object.fromEntries(
      ["add", "and", "compareExchange", "exchange", "load", "or", "store", "sub"].map((name) => [
        name,
        (words: object, ...args: unknown[]) => {
          const raw = this.raws.get(words);
          const perform = () => (real as any)[name](raw ?? words, ...args);
          return raw ? this.access(perform) : perform();
        },
      ]),
    ),
    DataView: this.viewing(DataView, (raw) => this.dataViewOf(raw)),
    Int32Array: this.viewing(Int32Array, (raw) => this.viewOf(raw)),
    Uint8Array: this.viewing(Uint8Array, (raw) => this.viewOf(raw)),
  };

  /** Lets the party go on until it ends, sleeps, dies or is interrupted. */
  private step(party: Party): void {
    if (party.asleepOn !== undefined) party.rouse(TIMED_OUT);
    Object.assign(this, { current: party, next: undefined, at: 0, clock: 0, fresh: true, stopped: false });
    const restore = [swap(native, this.swappedCalls), swap(globalThis, this.swappedGlobals)];
    restore.push(swap(Spin.prototype, { run: () => undefined }), swap(performance, { now: () => this.clock }));
    impersonate({ tid: party.tid, start: 7 });
    running = this;
    try {
      party.outcome = party.program(this.view as Int32Array);
      party.done = true;
    } catch (error) {
      if (error !== stop) Object.assign(party, { outcome: error, done: true });
    } finally {
      running = undefined;
      impersonate(undefined);
      for (const back of restore) back();
    }
  }

  /** Who goes on where nobody was interrupted; nobody at the end. */
  private pick(): Party | undefined {
    const ready = this.parties.filter((party) => party.ready);
    if (ready.length > 0) return ready[this.choose(ready.length)];
    const asleep = this.parties.filter((party) => !party.over);
    const first = asleep.sort((a, b) => a.slices - b.slices)[0];
    if (!first) return undefined;
    if (this.crashed && first.slices++ < SLICES) return first;
    if (!this.model.maySleep)
      throw new Error(this.crashed ? "nobody gets on after a crash" : "a wake-up is lost: all are asleep");
    for (const sleeper of asleep) sleeper.outcome = "asleep";
    return undefined;
  }

  walk(): void {
    for (let party = this.pick(); party; party = this.next ?? this.pick()) this.step(party);
    const outcomes = this.parties.map((party) => party.outcome);
    this.model.check(outcomes, this.memory);
  }
}

/** Walks all schedules; prints and returns how many. Throws with the schedule that fails, which `schedule` runs again. */
export function explore(model: Model): number {
  const schedules = new Schedules(model.schedule);
  do {
    try {
      new Run(model, schedules.choose).walk();
    } catch (error) {
      throw schedules.failure(error);
    }
  } while (schedules.next());
  return schedules.report();
}
