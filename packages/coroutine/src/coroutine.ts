/** Generators with Python's send, throw and close. */
import { inspect } from "node:util";
import { invalidType } from "@cordage/ipc/sys";
import { CoroutineError, GeneratorExit, StopIteration } from "./errors.js";
import { Delegation } from "./internal/delegation.js";

export type CoroutineState = "created" | "running" | "suspended" | "closed";

// As numbers, because every send() compares and stores two.
const CREATED = 0;
const RUNNING = 1;
const SUSPENDED = 2;
const CLOSED = 3;
const STATES: readonly CoroutineState[] = ["created", "running", "suspended", "closed"];

/** The steps whose end is a result rather than an error: for `yield*`, `for ... of` and the scheduler. @internal */
export const advance = Symbol("advance");
export const raise = Symbol("raise");

/**
 * A generator that is driven as Python's are: `next` and `send` return what it yields next, and throw
 * {@link StopIteration} with what it returned when it ends.
 *
 *   created -> running -> suspended -> running -> closed          created -> closed, by close() or throw()
 *
 * It is an iterable: `for ... of` goes over what it yields, and `yield*` in another coroutine or generator delegates to
 * it: what is sent and thrown there arrives here, and closing the outer one closes this one first.
 *
 * Differs from Python: leaving a `for ... of` early closes it, as JavaScript's generators are; a coroutine that is
 * dropped is collected without being closed; what is thrown in may be anything; it does not show whom it delegates to.
 *
 * Source: CPython Objects/genobject.c; PEP 342, PEP 380, PEP 479.
 */
export class Coroutine<Y, R = unknown, S = unknown> implements Iterable<Y, R, S>, Disposable {
  /** A property that clones see: they refuse a generator, where they would make an empty object of a coroutine. */
  private readonly generator: Generator<Y, R, S>;
  #state = CREATED;
  #name: string;

  /** @param generator one that has not started. @throws {TypeError} ERR_INVALID_ARG_TYPE */
  constructor(generator: Generator<Y, R, S>, name = "") {
    if (!isGenerator(generator)) throw invalidType("make a coroutine", "it needs a generator", generator);
    this.generator = generator;
    this.#name = checkedName(name);
  }

  /** That of the function that made it, unless it is given another one. @throws {TypeError} ERR_INVALID_ARG_TYPE */
  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = checkedName(name);
  }

  get state(): CoroutineState {
    return STATES[this.#state]!;
  }

  /**
   * Runs it up to its next `yield`; what it yields.
   * @throws {StopIteration} with what it returned, when it ends; without a value when it has ended already
   * @throws {CoroutineError} ERR_ALREADY_RUNNING; ERR_STOP_ITERATION when a StopIteration came out of it
   *
   * Blocks: while it runs.
   */
  next(): Y {
    return this.send(undefined as S);
  }

  /**
   * As {@link next}; `value` is what the `yield` that it waits at gives.
   * @throws {CoroutineError} ERR_NOT_STARTED when it waits at no `yield` yet and `value` is not undefined; it can be
   *   started afterwards
   */
  send(value: S): Y {
    const result = this[advance](value);
    if (result.done) throw this.#ended(result.value);
    return result.value;
  }

  /**
   * Throws `error` at the `yield` that it waits at; what it yields next. One that has not started is closed by it.
   * @param error whatever can be thrown; for a class of errors, a new one, or what making it throws
   * @throws as {@link next}; `error` itself, unless it is caught inside
   */
  throw(error: unknown): Y {
    const result = this[raise](instanceOf(error));
    if (result.done) throw this.#ended(result.value);
    return result.value;
  }

  /**
   * Throws {@link GeneratorExit} at the `yield` that it waits at, so that it ends. One that has not started, or has
   * ended, is not run.
   * @returns what it returned, if it caught the exit
   * @throws what it throws instead; {CoroutineError} ERR_IGNORED_EXIT when it yields once more; ERR_ALREADY_RUNNING
   */
  close(): R | undefined {
    if (this.#state === CREATED) this.#state = CLOSED;
    if (this.#state === CLOSED) return undefined;
    let result: IteratorResult<Y, R>;
    try {
      result = this[raise](new GeneratorExit());
    } catch (error) {
      if (error instanceof GeneratorExit) return undefined;
      throw error;
    }
    if (result.done) return result.value;
    throw new CoroutineError("ERR_IGNORED_EXIT", `cannot close ${this}: it yielded instead of ending`);
  }

  /** Closes it, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  [advance](value: S): IteratorResult<Y, R> {
    if (this.#state !== SUSPENDED) {
      if (this.#state === CLOSED) return { done: true, value: undefined as R };
      this.#refuseToStart(value);
    }
    this.#state = RUNNING;
    let result: IteratorResult<Y, R>;
    try {
      result = this.generator.next(value);
    } catch (error) {
      this.#state = CLOSED; // first of all: there may be no stack left for a call
      throw this.#failed(error);
    }
    this.#state = result.done ? CLOSED : SUSPENDED;
    return result;
  }

  /** @internal */
  [raise](error: unknown): IteratorResult<Y, R> {
    if (this.#state === CLOSED) throw error;
    if (this.#state === RUNNING) throw this.#runsAlready();
    this.#state = RUNNING;
    let result: IteratorResult<Y, R>;
    try {
      result = this.generator.throw(error);
    } catch (thrown) {
      this.#state = CLOSED;
      throw this.#failed(thrown);
    }
    this.#state = result.done ? CLOSED : SUSPENDED;
    return result;
  }

  #refuseToStart(value: S): void {
    if (this.#state === RUNNING) throw this.#runsAlready();
    if (value === undefined) return;
    const reason = "it waits at no yield yet; call next() first, or make it with primed()";
    throw new CoroutineError("ERR_NOT_STARTED", `cannot send a value to ${this}: ${reason}`);
  }

  #ended(value: R): StopIteration<R> {
    return new StopIteration(value, `${this} has ended`);
  }

  #runsAlready(): CoroutineError {
    return new CoroutineError("ERR_ALREADY_RUNNING", `cannot resume ${this}: it is running`);
  }

  /** A StopIteration from within would be taken for its end. */
  #failed(error: unknown): unknown {
    if (!(error instanceof StopIteration)) return error;
    const message = `${this} threw a StopIteration: return ends a coroutine`;
    return new CoroutineError("ERR_STOP_ITERATION", message, { cause: error });
  }

  [Symbol.iterator](): IterableIterator<Y, R, S> {
    return new Delegation(this);
  }

  toString(): string {
    return `coroutine ${this.name || "(anonymous)"}`;
  }

  [inspect.custom](): string {
    return `<${this}: ${this.state}>`;
  }
}

/** Neither an asynchronous one nor a coroutine, which have the same methods with other results. */
function isGenerator(value: Partial<Generator> | undefined): boolean {
  if (typeof value?.next !== "function" || typeof value.throw !== "function") return false;
  return typeof value[Symbol.iterator] === "function" && value[Symbol.iterator]!() === value;
}

function checkedName(name: string): string {
  if (typeof name === "string") return name;
  throw invalidType("name a coroutine", "its name is a text", name);
}

/** Of a class of errors, a new one. What making it throws is thrown in its place. */
function instanceOf(error: unknown): unknown {
  if (!isErrorClass(error)) return error;
  try {
    const made = new error();
    return made instanceof Error ? made : invalidType("throw", "the class makes no error", made);
  } catch (failure) {
    return failure;
  }
}

function isErrorClass(value: unknown): value is new () => unknown {
  return typeof value === "function" && (value === Error || value.prototype instanceof Error);
}

type GeneratorFunction<T, A extends unknown[], Y, R, S> = (this: T, ...args: A) => Generator<Y, R, S>;
type CoroutineFunction<T, A extends unknown[], Y, R, S> = (this: T, ...args: A) => Coroutine<Y, R, S>;

/**
 * A function that makes coroutines, of one that makes generators.
 *
 * @example
 * const averager = coroutine(function* () {
 *   for (let sum = 0, n = 0; ; ) {
 *     const value: number = yield n === 0 ? 0 : sum / n;
 *     sum += value;
 *     n++;
 *   }
 * });
 * const mean = averager();
 * mean.next();
 * mean.send(10);   // 10
 * mean.send(20);   // 15
 *
 * @throws {TypeError} ERR_INVALID_ARG_TYPE when `fn` is no function; from what is returned, when `fn` made no generator
 */
export function coroutine<T, A extends unknown[], Y, R, S>(
  fn: GeneratorFunction<T, A, Y, R, S>,
): CoroutineFunction<T, A, Y, R, S> {
  if (typeof fn !== "function") throw invalidType("make a coroutine function", "it needs a generator function", fn);
  const make = function (this: T, ...args: A) {
    return new Coroutine(fn.apply(this, args), fn.name);
  };
  return alike(make, fn);
}

/**
 * As {@link coroutine}, but what it makes has been run up to its first `yield`, and takes values at once.
 * @throws {StopIteration} from what is returned, when there is no `yield`
 *
 * Source: PEP 342's `@consumer`.
 */
export function primed<T, A extends unknown[], Y, R, S>(
  fn: GeneratorFunction<T, A, Y, R, S>,
): CoroutineFunction<T, A, Y, R, S> {
  const make = coroutine(fn);
  const makePrimed = function (this: T, ...args: A) {
    const made = make.apply(this, args);
    made.next();
    return made;
  };
  return alike(makePrimed, fn);
}

/** With the name and length of the function that it stands for. */
function alike<F extends Function>(made: F, { name, length }: Function): F {
  return Object.defineProperties(made, { name: { value: name }, length: { value: length } });
}
