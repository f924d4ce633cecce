/** Greenlets: functions that are suspended in the middle of any call. */
import { inspect } from "node:util";
import { errorFrom, invalidType, outOfRange } from "@cordage/ipc/sys";
import { GreenletError, GreenletExit } from "./errors.js";
import { inherit } from "./internal/async-context.js";
import type { Core } from "./internal/core.js";
import { begin, current, native, switchTo, throwInto } from "./internal/switching.js";
import { refuseClones } from "./internal/uncloneable.js";

const MAKING = "make a greenlet";
const SETTING_RUN = "set what the greenlet runs";
const SETTING_PARENT = "set the parent of a greenlet";
const MAIN = Symbol("main");

let coreOf: (one: Greenlet) => Core;

/** What a greenlet runs: without a `this`, unless it is the method of a subclass. */
export type Run = (...args: any[]) => unknown;

/**
 * A function with a stack of its own: it is suspended wherever it calls `switch`, however deep, and goes on there when somebody switches back.
 *
 * @example
 * const g1 = new Greenlet(() => { console.log(12); g2.switch(); console.log(34); g2.switch(); });
 * const g2 = new Greenlet(() => { console.log(56); g1.switch(); console.log(78); });
 * g1.switch(); // 12 56 34 78
 *
 * Nothing else runs meanwhile: `switch` is a call, and the event loop turns on the main greenlet only. `await` suspends the async function
 * that it stands in, as everywhere, not the greenlet.
 *
 * Safe from: the owning thread. Source: CPython's greenlet 3.
 */
export class Greenlet {
  readonly #core: Core;

  /**
   * What it runs; gone once it has started, and to be set only before. A subclass may have a method of that name instead.
   * @throws {GreenletError} ERR_ALREADY_STARTED, @throws {TypeError} ERR_INVALID_ARG_TYPE, when it is set
   */
  run?(...args: any[]): unknown;

  static {
    coreOf = (one) => one.#core;
  }

  /**
   * @param run what the first `switch` calls, with its arguments
   * @param parent where its result, or its error, goes in the end; default: the greenlet that runs now
   * @throws {TypeError} ERR_INVALID_ARG_TYPE
   */
  constructor(run?: Run | null, parent?: Greenlet | null) {
    const main = (parent as unknown) === MAIN;
    if (!main && parent !== undefined && parent !== null && !isGreenlet(parent))
      throw invalidType(MAKING, "the parent must be a greenlet", parent);
    this.#core = {
      owner: this,
      fiber: main ? native.mainFiber() : undefined,
      number: 0,
      context: main ? undefined : inherit(),
      parent: main ? undefined : parent ? parent.#core : current(),
      life: main ? "active" : "unstarted",
      run: checkedRun(MAKING, run),
      starting: undefined,
      method: false,
    };
    if (main) begin(this.#core);
    else refuseClones(this);
  }

  /**
   * Goes on with this greenlet, and returns when somebody switches back to the caller, with what that one gives: nothing is `undefined`, one value
   * is itself, several are an array. The first switch calls `run` with the arguments. A dead greenlet stands for its nearest living ancestor.
   * @throws whatever is thrown into the caller meanwhile, such as the error of a child that nobody caught
   * @throws {GreenletError} ERR_NO_RUN
   * @throws {Error} ERR_MEMORY_ALLOCATION_FAILED where there is no memory for another stack; it has not started then
   *
   * Blocks: the caller, until somebody switches to it.
   */
  switch(...args: unknown[]): unknown {
    return switchTo(this.#core, args);
  }

  /**
   * As {@link switch}, but the greenlet has an error thrown where it is suspended. One that has not started dies, and its parent has the error.
   * @param error an error, or a class of errors; default: a GreenletExit, which a greenlet that ends with it gives its parent as a result
   * @throws {TypeError} ERR_INVALID_ARG_TYPE for anything else
   * @throws {GreenletError} ERR_NO_RUN for one that has not started and has nothing to run
   */
  throw(error: unknown = GreenletExit): unknown {
    return throwInto(this.#core, errorOf(error));
  }

  /** The greenlet that gets the result; the main one has none. */
  get parent(): Greenlet | undefined {
    return this.#core.parent?.owner;
  }

  /** @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE for one that has this one as an ancestor */
  set parent(parent: Greenlet) {
    if (!isGreenlet(parent)) throw invalidType(SETTING_PARENT, "it must be a greenlet", parent);
    if (!this.#core.parent) throw outOfRange(SETTING_PARENT, "the main greenlet has none", parent);
    for (let one: Core | undefined = parent.#core; one; one = one.parent)
      if (one === this.#core) throw outOfRange(SETTING_PARENT, "a greenlet cannot be its own ancestor", parent);
    this.#core.parent = parent.#core;
  }

  /** Whether it has ended. */
  get dead(): boolean {
    return this.#core.life === "dead";
  }

  /** Whether it has been switched to, or was killed before that. */
  get started(): boolean {
    return this.#core.life !== "unstarted";
  }

  /** For `@cordage/ipc` too: what has a tag of its own is refused, rather than sent without what it is. */
  get [Symbol.toStringTag](): string {
    return "Greenlet";
  }

  toString(): string {
    const where = this.#core === current() ? "current" : "suspended";
    const life = { unstarted: "pending", active: `${where} active started`, dead: "dead" }[this.#core.life];
    return `<${this.constructor.name} ${life}${this.#core.parent ? "" : " main"}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

// Outside of the class: a class that names itself is renamed by the bundler.
function isGreenlet(value: unknown): value is Greenlet {
  return value instanceof Greenlet;
}

// An accessor, but not a declared one: TypeScript would not let a subclass cover that with a method.
Object.defineProperty(Greenlet.prototype, "run", {
  configurable: true,
  get(this: Greenlet): Run | undefined {
    return coreOf(this).run;
  },
  set(this: Greenlet, run: Run | undefined | null) {
    const core = coreOf(this);
    if (core.life !== "unstarted")
      throw new GreenletError("ERR_ALREADY_STARTED", `cannot ${SETTING_RUN}: it has started, received ${inspect(run)}`);
    core.run = checkedRun(SETTING_RUN, run);
  },
});

new Greenlet(undefined, MAIN as unknown as Greenlet);

/** The greenlet that runs now: outside of all others, the main one of this thread. */
export function getCurrent(): Greenlet {
  return current().owner;
}

/** As `new Greenlet(run, parent)`. Not a class: subclasses extend `Greenlet`, and JavaScript says so if they do not. */
export const greenlet = (run?: Run | null, parent?: Greenlet | null): Greenlet => new Greenlet(run, parent);

function checkedRun(doing: string, run: Run | undefined | null): Run | undefined {
  if (typeof run === "function") return run;
  if (run === undefined || run === null) return undefined;
  throw invalidType(doing, "run must be a function", run);
}

function errorOf(error: unknown): Error {
  const thrown = errorFrom(error);
  if (thrown) return thrown;
  throw invalidType("throw into the greenlet", "expected an error or a class of errors", error);
}
