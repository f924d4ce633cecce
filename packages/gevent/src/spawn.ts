/** Starting and ending greenlets, one or several. */
import { GreenletExit, Greenlet as Raw } from "@cordage/greenlet";
import { invalidType } from "@cordage/ipc/sys";
import { Greenlet, type KillOptions } from "./greenlet.js";
import { errorOf } from "./internal/error-of.js";
import { main, schedule } from "./internal/hub.js";
import { interruptSoon } from "./internal/interrupt.js";
import { beginFromHub, throwFromHub } from "./internal/switch-from-hub.js";
import { checkTime, type TimeOptions } from "./internal/time.js";
import { checkedCurrent } from "./internal/waiter.js";
import { Timeout, withTimeout } from "./timeout.js";
import { iwait, wait } from "./wait.js";

/** Runs a function in a greenlet of its own, soon. @throws {TypeError} ERR_INVALID_ARG_TYPE */
export function spawn<A extends unknown[], R>(run: (...args: A) => R, ...args: A): Greenlet<R> {
  return Greenlet.spawn(checked(run), ...args);
}

/** As {@link spawn}, after `ms` milliseconds. */
export function spawnLater<A extends unknown[], R>(ms: number, run: (...args: A) => R, ...args: A): Greenlet<R> {
  return Greenlet.spawnLater(ms, checked(run), ...args);
}

/** As {@link spawn}, a plain greenlet: nobody can join it or get its result, and it costs less. */
export function spawnRaw<A extends unknown[]>(run: (...args: A) => unknown, ...args: A): Raw {
  const one = new Raw(checked(run) as (...args: any[]) => unknown, main);
  schedule({
    run: () => {
      if (!one.started) beginRaw(one, args);
    },
  });
  return one;
}

function beginRaw(one: Raw, args: unknown[]): void {
  const failure = beginFromHub(one, ...args);
  if (failure) throwFromHub(one, failure);
}

function checked<F>(run: F): F {
  if (typeof run === "function") return run;
  throw invalidType("spawn a greenlet", "expected a function", run);
}

/** Throws an error into a greenlet, soon, and does not wait for its end. @throws {TypeError} ERR_INVALID_ARG_TYPE if it is no greenlet */
export function kill(greenlet: Raw, error: unknown = GreenletExit): void {
  if (greenlet instanceof Greenlet) greenlet.kill(error, { block: false });
  else if (greenlet instanceof Raw) interruptSoon(greenlet, errorOf(error));
  else throw invalidType("kill a greenlet", "expected a greenlet", greenlet);
}

/**
 * Kills several at the same time, and waits for the end of all.
 * @throws {Timeout} if that takes longer than `timeout`
 * @throws {NotInGreenletError} ERR_NOT_IN_GREENLET, with nothing done
 */
export function killAll(greenlets: Iterable<Raw>, error: unknown = GreenletExit, options: KillOptions = {}): void {
  checkTime(options, "kill greenlets");
  const { block = true, timeout, signal } = options;
  const all = checkedGreenlets(greenlets);
  if (block) checkedCurrent("kill greenlets and wait for their end (with { block: false } they are not waited for)");
  for (const one of all) kill(one, error);
  if (!block) return;
  const those = all.filter((one) => one instanceof Greenlet);
  const join = () => joinAll(those, { signal });
  if (timeout === undefined || timeout === null) join();
  else withTimeout(timeout instanceof Timeout ? timeout : Math.max(0, timeout), join);
}

function checkedGreenlets<G extends Raw>(greenlets: Iterable<G>): G[] {
  const all = typeof greenlets?.[Symbol.iterator] === "function" ? [...greenlets] : [greenlets];
  const wrong = all.findIndex((one) => !(one instanceof Raw));
  if (wrong < 0) return all as G[];
  throw invalidType("handle several greenlets", "expected greenlets in an array or another iterable", all[wrong]);
}

export interface JoinAllOptions extends TimeOptions {
  /** Whether to throw the error of the first that fails, at once; default: false. */
  raiseError?: boolean;
  /** For how many to wait; default: for all. */
  count?: number;
}

/** Waits until they have ended, and returns those that have. Blocks: the greenlet. */
export function joinAll<G extends Greenlet<any>>(greenlets: Iterable<G>, options: JoinAllOptions = {}): G[] {
  checkTime(options, "join greenlets");
  const { raiseError = false, ...limits } = options;
  const all = checkedGreenlets(greenlets);
  if (!raiseError) return wait(all, limits);
  const ended: G[] = [];
  for (const one of iwait(all, limits)) {
    if (!one.successful()) one.get();
    ended.push(one);
  }
  return ended;
}
