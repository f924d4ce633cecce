/** Greenlets of the hub. */
import { inspect } from "node:util";
import { GreenletExit, getCurrent, Greenlet as Raw } from "@cordage/greenlet";
import { invalidType, outOfRange } from "@cordage/ipc/sys";
import { GeventError } from "./errors.js";
import { errorOf } from "./internal/error-of.js";
import { type Callback, main, schedule } from "./internal/hub.js";
import { interruptSoon } from "./internal/interrupt.js";
import { type Link, type Linkable, Links, untilReady } from "./internal/links.js";
import { report } from "./internal/report.js";
import { beginFromHub, throwFromHub } from "./internal/switch-from-hub.js";
import { checkTime, type TimeOptions, timeUp } from "./internal/time.js";
import { LONGEST_TIMER, scheduleLater } from "./internal/timer.js";
import { checkedCurrent } from "./internal/waiter.js";

/** What takes over a result: an `AsyncResult`. */
export interface Follower {
  follow(source: Greenlet<any>): void;
}

/** A function, which may wait, or an `AsyncResult`. */
export type LinkTarget = Link<Greenlet<any>> | Follower;

export interface KillOptions extends TimeOptions {
  /** Whether to wait until it is dead; default: true. */
  block?: boolean;
}

/** Called with each greenlet that is started, where it is started. */
export type SpawnCallback = (greenlet: Greenlet<any>) => void;

let heedOf: (one: Greenlet<any>) => void;
let liveOf: (one: Greenlet<any>) => void;

/** Says that somebody takes care of the error that it may end with. */
export function heed(one: Greenlet<any>): void {
  heedOf(one);
}

/** What one that has ended holds of its arguments. */
const NOTHING: unknown[] = [];

/** What each runs: the same for all, because a function of its own would be a fifth of what one takes. */
const live = () => liveOf(getCurrent() as Greenlet<any>);

type State = "new" | "scheduled" | "running" | "dead";

const spawnCallbacks = new Set<SpawnCallback>();
let named = 0;

/** Starts a greenlet when its turn has come, unless that is called off. */
class Start implements Callback {
  private timer: NodeJS.Timeout | undefined;

  constructor(public greenlet: Raw | undefined) {}

  get isNew(): boolean {
    return true;
  }

  later(ms: number): void {
    this.timer = scheduleLater(this, ms);
  }

  cancel(): void {
    this.greenlet = undefined;
    clearTimeout(this.timer);
  }

  run(): void {
    const { greenlet } = this;
    const failure = greenlet && beginFromHub(greenlet);
    if (failure) throwFromHub(greenlet, failure);
  }
}

/**
 * A function that runs on a stack of its own, beside others: whenever it waits, in whatever depth, the others go on.
 *
 * It is new, then scheduled (`start`), then running, then dead; killed before it runs, it never does. Its end, a value or an error, is kept, and told to
 * whoever has linked. An error that nobody waits for is printed, once.
 * Where there is no memory for its stack, it ends with that error: ERR_MEMORY_ALLOCATION_FAILED.
 *
 * @example
 * const one = spawn((a, b) => { sleep(100); return a + b; }, 1, 2);
 * one.get(); // 3
 *
 * Safe from: the owning thread. Source: gevent.Greenlet.
 */
export class Greenlet<R = any> extends Raw implements Linkable {
  #state: State = "new";
  #run: ((...args: any[]) => R) | undefined;
  #args: unknown[];
  #start: Start | undefined;
  #value: R | GreenletExit | undefined;
  #exception: unknown;
  #isFailed = false;
  #isHeeded = false;
  #links: Links<this> | undefined;
  #name: string | undefined;
  readonly #runName: string;

  static {
    heedOf = (one) => {
      one.#isHeeded = true;
    };
    liveOf = (one) => one.#live();
  }

  /**
   * @param run what it runs; a subclass may have a method `_run` instead
   * @throws {TypeError} ERR_INVALID_ARG_TYPE
   */
  constructor(run?: ((...args: any[]) => R) | null, ...args: unknown[]) {
    if (run !== undefined && run !== null && typeof run !== "function")
      throw invalidType("make a greenlet", "expected a function", run);
    super(live, main);
    this.#run = run ?? undefined;
    this.#args = args;
    this.#runName = run ? run.name || "anonymous" : "_run";
  }

  /** Makes and starts one: of the class on which it is called. */
  static spawn<R>(run?: ((...args: any[]) => R) | null, ...args: unknown[]): Greenlet<R> {
    const one = new this<R>(run, ...args);
    one.start();
    return one;
  }

  /** As {@link spawn}, started after `ms` milliseconds. */
  static spawnLater<R>(ms: number, run?: ((...args: any[]) => R) | null, ...args: unknown[]): Greenlet<R> {
    const one = new this<R>(run, ...args);
    one.startLater(ms);
    return one;
  }

  /** Has a function called, at once, whenever a greenlet is started. */
  static addSpawnCallback(callback: SpawnCallback): void {
    if (typeof callback !== "function") throw invalidType("add a spawn callback", "expected a function", callback);
    spawnCallbacks.add(callback);
  }

  static removeSpawnCallback(callback: SpawnCallback): void {
    spawnCallbacks.delete(callback);
  }

  /** What it runs. For subclasses. */
  protected _run(...args: unknown[]): R {
    const run = this.#run;
    if (!run) throw new GeventError("ERR_NO_RUN", "cannot run the greenlet: it has no function, and its class no _run");
    return run(...args);
  }

  /** Has it run soon; nothing if it was started before. */
  start(): void {
    if (this.#begin()) schedule(this.#start!);
  }

  /** Has it run after `ms` milliseconds, from 0. @throws {RangeError} ERR_OUT_OF_RANGE */
  startLater(ms: number): void {
    if (typeof ms !== "number") throw invalidType("start a greenlet later", "expected a number of milliseconds", ms);
    if (!(ms >= 0) || ms > LONGEST_TIMER)
      throw outOfRange("start a greenlet later", `expected 0 to ${LONGEST_TIMER} milliseconds`, ms);
    if (this.#begin()) this.#start!.later(ms);
  }

  #begin(): boolean {
    if (this.#state !== "new") return false;
    for (const callback of spawnCallbacks) callback(this);
    if (this.#state !== "new") return false; // one of them has started it, or killed it
    this.#state = "scheduled";
    this.#start = new Start(this);
    return true;
  }

  #live(): void {
    this.#start?.cancel();
    this.#start = undefined;
    this.#state = "running";
    try {
      this.#succeed(this._run(...this.#args));
    } catch (error) {
      if (error instanceof GreenletExit) this.#succeed(error);
      else this.#fail(error);
    }
  }

  #succeed(value: R | GreenletExit): void {
    this.#value = value;
    this.#die();
  }

  #fail(error: unknown): void {
    this.#exception = error;
    this.#isFailed = true;
    this.#die();
    schedule({ run: () => this.#reportUnheeded() });
  }

  #die(): void {
    this.#state = "dead";
    this.#run = undefined;
    this.#args = NOTHING;
    this.#links?.notify();
  }

  #reportUnheeded(): void {
    if (!this.#isHeeded) report(this, this.#exception);
  }

  /** Whether it has been started, and has not ended. */
  override get started(): boolean {
    return this.#state === "scheduled" || this.#state === "running";
  }

  /** Whether it has ended, or was killed before it began. */
  override get dead(): boolean {
    return this.#state === "dead";
  }

  /** Whether it has ended. */
  ready(): boolean {
    return this.#state === "dead";
  }

  /** Whether it has ended, and not with an error; one that was killed by a GreenletExit has. */
  successful(): boolean {
    return this.#state === "dead" && !this.#isFailed;
  }

  /** What it returned; undefined before, and after an error. */
  get value(): R | undefined {
    return this.#value as R | undefined;
  }

  /** The error that it ended with; undefined if it has not. */
  get exception(): unknown {
    return this.#exception;
  }

  /** Shown in messages; "Greenlet-N" unless it was set. */
  get name(): string {
    this.#name ??= `Greenlet-${named++}`;
    return this.#name;
  }

  set name(name: string) {
    this.#name = String(name);
  }

  /**
   * Waits until it has ended, however.
   *
   * Blocks: the greenlet. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET
   */
  join(options?: TimeOptions): void {
    checkTime(options, "join a greenlet");
    if (!this.ready()) untilReady(this, options, "join a greenlet");
  }

  /**
   * What it returned, or the GreenletExit that it was killed with; waits for it.
   * @throws the error that it ended with, @throws {Timeout} if that takes longer than `timeout`
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET
   *
   * Blocks: the greenlet.
   */
  get(options?: TimeOptions): R {
    checkTime(options, "get the result of a greenlet");
    if (!this.ready() && !untilReady(this, options, "get the result of a greenlet")) throw timeUp(options);
    this.#isHeeded = true;
    if (this.#isFailed) throw this.#exception;
    return this.#value as R;
  }

  /**
   * Throws an error into it where it waits; one that has not begun never does. A GreenletExit is a way to end, not a failure: the greenlet's value.
   * @param error an error or a class of errors; default: GreenletExit
   * @param options whether to wait for the end, and for how long; a greenlet that catches the error and goes on is waited for
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET, with nothing done
   */
  kill(error: unknown = GreenletExit, options: KillOptions = {}): void {
    checkTime(options, "kill a greenlet");
    if (this.ready()) return;
    const { block = true } = options;
    if (block) checkedCurrent("kill a greenlet and wait for its end (with { block: false } it is not waited for)");
    const thrown = errorOf(error);
    if (this.#dieBeforeItRuns(thrown)) return;
    interruptSoon(this, thrown);
    if (block) this.join(options);
  }

  /** For callbacks of the event loop: at once. A greenlet that calls it does not go on, because the end goes to the hub. One that has not begun is dead. */
  override throw(error: unknown = GreenletExit): unknown {
    return this.#dieBeforeItRuns(errorOf(error)) ? undefined : super.throw(error);
  }

  #dieBeforeItRuns(error: Error): boolean {
    if (this.#state !== "new" && this.#state !== "scheduled") return false;
    this.#start?.cancel();
    this.#start = undefined;
    if (error instanceof GreenletExit) this.#succeed(error);
    else this.#fail(error);
    return true;
  }

  /**
   * Has a function called with this greenlet once it has ended, in a greenlet of its own; or an `AsyncResult` given its end.
   * @throws {TypeError} ERR_INVALID_ARG_TYPE
   */
  link(target: LinkTarget): void {
    this.#link(target, () => true);
  }

  /** As {@link link}, if it did not fail. */
  linkValue(target: LinkTarget): void {
    this.#link(target, () => this.successful());
  }

  /** As {@link link}, if it failed. */
  linkException(target: LinkTarget): void {
    this.#link(target, () => !this.successful());
  }

  #link(target: LinkTarget, isFor: () => boolean): void {
    const callback = typeof target === "function" ? target : followed(target);
    const link = () => {
      if (!isFor()) return;
      this.#isHeeded = true;
      const tell = () => callback(this);
      if (beginFromHub(new Raw(tell, main))) tell(); // on the hub: what does not wait needs no stack
    };
    linkedBy.set(link, target);
    this.rawlink(link);
  }

  /** As {@link link}, but on the hub, where the function must not wait. */
  rawlink(callback: Link<this>): void {
    this.#links ??= new Links(this);
    this.#links.add(callback);
  }

  /** Takes back a link of whatever kind; nothing if there is none. */
  unlink(target: LinkTarget | Link<this>): void {
    this.#links?.remove((link) => link === target || linkedBy.get(link) === target);
  }

  /** How many are to be told of its end. */
  get linkCount(): number {
    return this.#links?.length ?? 0;
  }

  override toString(): string {
    const args = this.#args.map((arg) => inspect(arg, { depth: 0, breakLength: Number.POSITIVE_INFINITY }));
    return `<${this.constructor.name} "${this.name}": ${this.#runName}(${args.join(", ")})>`;
  }
}

/** What each link of `link` and its kin was made for. */
const linkedBy = new WeakMap<Link<any>, LinkTarget>();

function followed(target: Follower): Link<Greenlet<any>> {
  if (typeof target?.follow === "function") return (source) => target.follow(source);
  throw invalidType("link to a greenlet", "expected a function or an AsyncResult", target);
}
