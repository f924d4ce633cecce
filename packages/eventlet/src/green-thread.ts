/** Greenthreads: greenlets of the hub with a result; and how they are killed. */
import {
  beginFromHub,
  type Callback,
  errorOf,
  hasInterrupted,
  main,
  report,
  runNow,
  schedule,
  suspend,
  throwFromHub,
  Waiter,
} from "@cordage/gevent/sys";
import { GreenletExit, getCurrent, Greenlet as Raw } from "@cordage/greenlet";
import { invalidType } from "@cordage/ipc/sys";
import { Event } from "./event.js";

const KILLING = "kill a greenthread";

/** Called with the greenthread that has ended, and with the arguments of `link`. */
export type Link<A extends unknown[] = any[]> = (thread: GreenThread<any>, ...args: A) => void;

interface Linked {
  callback: Link;
  args: unknown[];
}

/** How one has ended. */
export type Outcome<R> = { value: R } | { error: unknown };

let begin: (one: GreenThread, ms: number) => void;
let end: <R>(one: GreenThread<R>, value: R) => void;
let heedOf: (one: GreenThread) => void;
let outcome: <R>(one: GreenThread<R>) => Outcome<R>;

/**
 * A function that runs beside others, whose result, or error, anybody can wait for. `spawn` makes one.
 *
 * Its error is printed, once, unless somebody waits for it.
 *
 * Differs from gevent: `wait` of one that was killed throws the GreenletExit. Safe from: the owning thread. Source: eventlet.greenthread.GreenThread.
 */
export class GreenThread<R = any> extends Raw {
  #call: (() => R) | undefined;
  readonly #exit = new Event<R>();
  readonly #links: Linked[] = [];
  #isLinking = false;
  /** Without having run on a stack of its own. */
  #isOver = false;
  #isHeeded = false;
  #error: unknown;
  #timer: NodeJS.Timeout | undefined;

  static {
    begin = (one, ms) => one.#begin(ms);
    end = (one, value) => {
      one.#isOver = true;
      one.#exit.send(value);
    };
    heedOf = (one) => {
      one.#isHeeded = true;
    };
    outcome = (one) => one.#outcome();
  }

  /** For `spawn`: nothing else starts it. */
  private constructor(call: () => R) {
    super(() => this.#live(), main);
    this.#call = call;
  }

  #begin(ms: number): void {
    const start: Callback = {
      run: () => {
        const failure = this.started ? undefined : beginFromHub(this);
        if (failure) this.#endUnstarted(failure);
      },
    };
    if (ms > 0) this.#timer = setTimeout(() => runNow(start), ms);
    else schedule(start);
  }

  #live(): void {
    const call = this.#call!;
    this.#call = undefined;
    let result: R;
    try {
      result = call();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#exit.send(result);
    this.#tell();
  }

  #fail(error: unknown, tell = () => this.#tell()): void {
    this.#error = error;
    this.#exit.sendException(error);
    try {
      tell();
    } finally {
      schedule({ run: () => this.#reportUnheeded() });
    }
  }

  #reportUnheeded(): void {
    if (!this.#isHeeded) report(this, this.#error);
  }

  /** One that throws does not keep the others from being told. */
  #tell(failed = (error: unknown) => report(this, error)): void {
    if (this.#isLinking) return;
    this.#isLinking = true;
    for (let one = this.#links.shift(); one; one = this.#links.shift()) {
      try {
        one.callback(this, ...one.args);
      } catch (error) {
        failed(error);
      }
    }
    this.#isLinking = false;
  }

  /** In the stack of somebody else: what interrupts him is his, once all have been told. */
  #tellHere(): void {
    let interruption: { error: unknown } | undefined;
    this.#tell((error) => {
      if (!interruption && hasInterrupted(error)) interruption = { error };
      else report(this, error);
    });
    if (interruption) throw interruption.error;
  }

  /** Whether it has ended, or was killed before it began. */
  override get dead(): boolean {
    return this.#isOver || super.dead;
  }

  /** Whether it has begun, or was killed before that. */
  override get started(): boolean {
    return this.#isOver || super.started;
  }

  /**
   * What it returned; waits for it.
   * @throws the error that it ended with: also the GreenletExit that it was killed with
   * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait
   *
   * Blocks: the greenthread.
   */
  wait(): R {
    const ended = this.#outcome();
    if ("error" in ended) throw ended.error;
    return ended.value;
  }

  /** What is thrown here is an interruption of whoever waits. */
  #outcome(): Outcome<R> {
    try {
      return { value: this.#exit.wait() };
    } catch (error) {
      if (!this.#exit.hasException() || error !== this.#error) throw error;
      this.#isHeeded = true;
      return { error };
    }
  }

  /**
   * Has a function called with this greenthread, and with the arguments, at its end: within this greenthread, in the order of linking, before anybody
   * who waits goes on. If it has ended, at once, by whoever calls this. What the function throws is printed.
   * @throws {TypeError} ERR_INVALID_ARG_TYPE
   * @throws what interrupts whoever calls this, if the function is called at once, and waits
   */
  link<A extends unknown[]>(callback: (thread: this, ...args: A) => void, ...args: A): void {
    if (typeof callback !== "function") throw invalidType("link a callback", "expected a function", callback);
    this.#links.push({ callback: callback as Link, args });
    if (this.#exit.ready()) this.#tellHere();
  }

  /** Takes back a link with the same function and arguments: whether there was one. */
  unlink<A extends unknown[]>(callback: (thread: this, ...args: A) => void, ...args: A): boolean {
    const index = this.#links.findIndex((one) => one.callback === callback && areSame(one.args, args));
    if (index >= 0) this.#links.splice(index, 1);
    return index >= 0;
  }

  /** As `kill(thread, error)`. */
  kill(error: unknown = GreenletExit): void {
    kill(this, error);
  }

  /** As {@link kill}, but only if it has not begun to run. */
  cancel(error: unknown = GreenletExit): void {
    if (!this.started) kill(this, error);
  }

  /** One that has not begun never does, and has ended, with what is thrown. */
  override throw(error: unknown = GreenletExit): unknown {
    const thrown = errorOf(error);
    if (this.started) return super.throw(thrown);
    this.#isHeeded = true; // nothing has failed: whoever throws an error into what never ran knows it
    this.#endUnstarted(thrown);
    return undefined;
  }

  #endUnstarted(error: unknown): void {
    clearTimeout(this.#timer);
    this.#isOver = true;
    this.#call = undefined;
    this.#fail(error, () => this.#tellHere());
  }
}

function areSame(some: unknown[], others: unknown[]): boolean {
  return some.length === others.length && some.every((one, i) => Object.is(one, others[i]));
}

/**
 * Throws an error into a greenthread where it waits, at once, and goes on when whoever is ready by now has had a turn: by then the other one has
 * handled the error, or waits again. One that has not begun never does, and its links are called here. One that has ended is left alone.
 * @param error an error or a class of errors; default: GreenletExit
 * @throws {TypeError} ERR_INVALID_ARG_TYPE
 *
 * Blocks: the greenthread, for a turn; in a callback of the event loop, never. Differs from gevent: it does not wait for the end.
 * Source: eventlet.kill.
 */
export function kill(thread: Raw, error: unknown = GreenletExit): void {
  if (!(thread instanceof Raw)) throw invalidType(KILLING, "expected a greenthread", thread);
  const thrown = errorOf(error, KILLING);
  const current = getCurrent();
  if (thread.dead) return;
  if (thread === current) throw thrown;
  if (current === main) throwFromHub(thread, thrown);
  else killFrom(thread, thrown);
}

function killFrom(thread: Raw, error: Error): void {
  const waiter = new Waiter<void>(KILLING);
  if (endUnbegun(thread, error)) {
    waiter.pass(); // after: whoever has linked was told here, and may have waited
    return;
  }
  // A greenlet of gevent that has not begun gives nothing back, and control neither.
  waiter.pass((self) => thread.throw(error) ?? suspend(self));
}

/** False for one that has begun, and for one whose error is a parent's of its own. */
function endUnbegun(thread: Raw, error: Error): boolean {
  if (thread.started) return false;
  if (thread instanceof GreenThread) thread.throw(error);
  else if (thread.parent === main) endPlain(thread, error);
  else return false;
  return true;
}

/** The hub would take its error for that of whomever it has switched to. */
function endPlain(thread: Raw, error: Error): void {
  thread.parent = getCurrent();
  try {
    thread.throw(error);
  } catch (uncaught) {
    report(thread, uncaught);
  }
}

const Class = GreenThread as unknown as new <R>(call: () => R) => GreenThread<R>;

/** A new one, which begins after so many milliseconds; 0: soon. */
export function started<R>(ms: number, call: () => R): GreenThread<R> {
  const one = new Class(call);
  begin(one, ms);
  return one;
}

/** One that has ended already, and never ran on a stack of its own. */
export function endedWith<R>(value: R): GreenThread<R> {
  const one = new Class(() => value);
  end(one, value);
  return one;
}

/** Says that somebody takes care of the error that it may end with. */
export function heed(one: GreenThread): void {
  heedOf(one);
}

/** How it has ended; waits for it. @throws what interrupts whoever waits, and nothing else */
export function outcomeOf<R>(one: GreenThread<R>): Outcome<R> {
  return outcome(one);
}
