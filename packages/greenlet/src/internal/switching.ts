/**
 * Who runs, and how control and what goes with it is handed over. One for each thread: each has a module of its own.
 *
 * The rules are those of CPython's greenlet: what is sent to one that is not active goes to the nearest ancestor that can take it; a
 * GreenletExit that nobody catches is a result.
 */
import { invalidType } from "@cordage/ipc/sys";
import { GreenletError, GreenletExit } from "../errors.js";
import type { Greenlet } from "../greenlet.js";
import { beginStacks } from "./async-context.js";
import type { Core } from "./core.js";
import { open } from "./engine.js";
import type { FiberHandle } from "./native.js";

/** Called with what happened and between whom, in the greenlet that control has come to. */
export type TraceCallback = (event: "switch" | "throw", greenlets: [origin: Greenlet, target: Greenlet]) => void;

export const { native, engine, running } = open(body);

interface State {
  current: Core;
  /** Whoever was `current` before, until the new one has begun. */
  origin: Core;
  /** Whether `parcel` is an error to be thrown, rather than the arguments of a switch. */
  failed: boolean;
  parcel: unknown;
  trace: TraceCallback | undefined;
}

const nobody = undefined as unknown as Core;
const state: State = {
  current: nobody,
  origin: nobody,
  failed: false,
  parcel: undefined,
  trace: undefined,
};

/** Tells who has run all the time. */
export function begin(main: Core): void {
  main.fiber!.core = main;
  state.current = main;
}

export function current(): Core {
  if (running[0] !== state.current.number) recover();
  return state.current;
}

/** JavaScript was unwound, by the time limit of node:vm for instance, on the way to another greenlet, which was not reached. */
function recover(): void {
  state.current = native.runningFiber()!.core!;
  state.parcel = undefined;
  state.origin = nobody;
}

/**
 * Has a function called in every greenlet that control comes to, or, with `undefined`, none. One that throws is taken off, and its error is
 * thrown in the greenlet in which it was called, in place of what was sent there.
 * @returns the function before this one
 * @throws {TypeError} ERR_INVALID_ARG_TYPE
 *
 * Source: CPython's greenlet.settrace.
 */
export function setTrace(callback: TraceCallback | undefined | null): TraceCallback | undefined {
  if (callback !== undefined && callback !== null && typeof callback !== "function")
    throw invalidType("trace greenlets", "expected a function", callback);
  const before = state.trace;
  state.trace = callback ?? undefined;
  return before;
}

/** The function that {@link setTrace} has set. */
export function getTrace(): TraceCallback | undefined {
  return state.trace;
}

/** Gives a greenlet arguments, and returns, or throws, what is sent back. */
export function switchTo(to: Core, args: unknown[]): unknown {
  return go(to, false, args);
}

/** As {@link switchTo}, with an error. One that is dead does with a GreenletExit what it would do at its end. */
export function throwInto(to: Core, error: unknown): unknown {
  if (to.life === "unstarted") prepareOrEnd(to);
  if (to.life === "dead" && error instanceof GreenletExit) return go(to, false, [error]);
  return go(to, true, error);
}

/** INVARIANT: no variable of this file, on the stack of a suspended greenlet, holds that greenlet: that it is lost could not be noticed. */
function go(to: Core, failed: boolean, parcel: unknown): unknown {
  current();
  const target = deliver(to, failed, parcel);
  const away = target !== state.current;
  state.origin = state.current;
  state.current = target;
  if (away) native.switchTo(target.fiber!);
  return received();
}

/** Lays the parcel down for the nearest one that can take it. Throws, with nothing sent, if he cannot start. */
function deliver(to: Core, failed: boolean, parcel: unknown): Core {
  let core = to;
  while (!isActive(core)) core = core.parent!;
  lay(failed, parcel);
  return core;
}

function lay(failed: boolean, parcel: unknown): void {
  state.failed = failed;
  state.parcel = parcel;
}

/** Starts it if need be: an error is thrown on a stack, too, so that it is traced and handed on as any other. */
function isActive(core: Core): boolean {
  if (core.life === "unstarted") prepare(core);
  return core.life === "active";
}

/** Gives it a stack, unless it has, or had, one by now: looking up `run` may run code of the program's. */
function prepare(core: Core): void {
  const run = core.run ?? core.owner.run;
  if (core.life !== "unstarted") return;
  if (typeof run !== "function")
    throw new GreenletError("ERR_NO_RUN", "cannot start the greenlet: it has no run function");
  core.fiber = prepared(core);
  core.method = core.run === undefined;
  core.run = undefined;
  core.starting = run;
  core.life = "active";
}

/** That there is no memory for a stack is no reason to go on living for one that has an error thrown before it has begun. */
function prepareOrEnd(core: Core): void {
  try {
    prepare(core);
  } catch (error) {
    if ((error as { code?: unknown } | undefined)?.code !== "ERR_MEMORY_ALLOCATION_FAILED") throw error;
    core.life = "dead";
    core.run = undefined;
  }
}

/** The last one; they begin again where integers of 32 bits end. */
let number = 0;
const LAST_NUMBER = 2 ** 31 - 1;

/** Of those that have ended: making another one takes longer than all the rest of a greenlet's life. */
const idle: FiberHandle[] = [];
const MOST_IDLE = 1000;

function prepared(core: Core): FiberHandle {
  const fiber = idle.pop() ?? native.create();
  number = (number % LAST_NUMBER) + 1;
  native.prepare(fiber, number);
  core.number = number;
  fiber.core = core;
  return fiber;
}

/** Takes the stack from a greenlet that ends. Whoever is next has one by now: nobody else may have this one before it has been left. */
function release(fiber: FiberHandle): void {
  fiber.core!.fiber = undefined;
  fiber.core = undefined;
  if (idle.length < MOST_IDLE) idle.push(fiber);
}

/** In the one that control has come to: what was sent to it. */
function received(): unknown {
  const args = receivedArgs();
  return args.length > 1 ? args : args[0];
}

function receivedArgs(): unknown[] {
  const { failed, parcel, origin, trace } = state;
  state.parcel = undefined; // nobody else's business, and perhaps large
  state.origin = nobody; // he may be dead, and is not to be kept
  if (trace) tell(trace, failed ? "throw" : "switch", origin);
  if (failed) throw parcel;
  return parcel as unknown[];
}

/** A tracer that throws is taken off, and the error is that of the greenlet in which it was called. */
function tell(trace: TraceCallback, event: "switch" | "throw", origin: Core): void {
  try {
    trace(event, [origin.owner, state.current.owner]);
  } catch (error) {
    state.trace = undefined;
    throw error;
  }
}

/** What runs on each new stack, and once more if JavaScript was unwound there. */
function body(unwound: boolean): FiberHandle {
  if (unwound) return abandon(native.ownFiber());
  beginStacks();
  try {
    lay(false, [run()]);
  } catch (error) {
    lay(true, error);
  }
  return leave(native.ownFiber());
}

function run(): unknown {
  const args = receivedArgs();
  const { start, self, context } = begun(state.current);
  return context ? context.runInAsyncScope(start, self, ...args) : start.apply(self, args);
}

/** What it is to run, and as a method of what. */
function begun(core: Core) {
  const start = core.starting!;
  core.starting = undefined;
  return { start, self: core.method ? core.owner : undefined, context: core.context };
}

/**
 * The end of a stack: the greenlet that it was made for dies, and the result goes on to the nearest ancestor that can take it.
 *
 * Whose stack that is is asked now, because nothing on a stack may hold its greenlet, or none would ever be noticed to be lost; and
 * `state.current` is another one where greenlets of another copy of this package have switched in between, and goes on where this one was.
 * @param fiber undefined if nobody knows it any more: who runs has its place, and its result
 * @returns who is next
 */
function leave(fiber: FiberHandle | undefined): FiberHandle {
  const { failed, parcel } = state;
  const there = current();
  if (!fiber) return deliver(there, failed, parcel).fiber!;
  const self = fiber.core!;
  self.life = "dead";
  const exit = failed && parcel instanceof GreenletExit;
  const target = exit ? bequeath(self.parent!, false, [parcel]) : bequeath(self.parent!, failed, parcel);
  release(fiber);
  state.origin = self;
  state.current = target;
  return target.fiber!;
}

/**
 * The end of a stack on which JavaScript was unwound: that goes on, as an error would, in the nearest ancestor that has begun, as far as somebody
 * there has asked for it: node:vm, which has set a limit, or else the end of the thread.
 */
function abandon(fiber: FiberHandle | undefined): FiberHandle {
  const there = current();
  if (!fiber) return there.fiber!;
  let heir = fiber.core!.parent!;
  while (heir.life !== "active") heir = heir.parent!;
  fiber.core!.life = "dead";
  release(fiber);
  state.current = heir;
  return heir.fiber!;
}

/** What a parent cannot start for is its own parent's error. */
function bequeath(to: Core, failed: boolean, parcel: unknown): Core {
  for (let heir = to; ; heir = heir.parent!) {
    try {
      return deliver(heir, failed, parcel);
    } catch (error) {
      failed = true;
      parcel = error;
    }
  }
}
