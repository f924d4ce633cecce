/** Starting greenthreads. */
import { LONGEST_TIMER, report } from "@cordage/gevent/sys";
import { type Greenlet, getCurrent } from "@cordage/greenlet";
import { invalidType, outOfRange } from "@cordage/ipc/sys";
import { type GreenThread, started } from "./green-thread.js";
import { beginRaw } from "./internal/begin-raw.js";

const STARTING = "spawn a greenthread";

/** @throws {TypeError} ERR_INVALID_ARG_TYPE */
export function checkFunction(fn: unknown): void {
  if (typeof fn !== "function") throw invalidType(STARTING, "expected a function", fn);
}

/** Runs a function in a greenthread of its own, soon. Blocks: never. @throws {TypeError} ERR_INVALID_ARG_TYPE. Source: eventlet.spawn. */
export function spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): GreenThread<R> {
  checkFunction(fn);
  return started(0, () => fn(...args));
}

/** As {@link spawn}, but nobody can wait for its result, and it costs less. Its error is printed. Source: eventlet.spawn_n. */
export function spawnN<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): Greenlet {
  checkFunction(fn);
  return beginRaw(
    () => fn(...args),
    (one, failure) => {
      if (failure) report(one, failure.error);
    },
  );
}

/** As {@link spawn}, after `ms` milliseconds, from 0: `cancel()` of the result calls that off. @throws {RangeError} ERR_OUT_OF_RANGE */
export function spawnAfter<A extends unknown[], R>(ms: number, fn: (...args: A) => R, ...args: A): GreenThread<R> {
  checkFunction(fn);
  return started(checkedTime(ms), () => fn(...args));
}

/** As {@link spawnAfter}, unless the greenthread that calls this has ended by then: the function is not called, and the result is undefined. */
export function spawnAfterLocal<A extends unknown[], R>(
  ms: number,
  fn: (...args: A) => R,
  ...args: A
): GreenThread<R | undefined> {
  checkFunction(fn);
  const creator = getCurrent();
  return started(checkedTime(ms), () => (creator.dead ? undefined : fn(...args)));
}

function checkedTime(ms: number): number {
  if (typeof ms !== "number") throw invalidType(STARTING, "expected a number of milliseconds", ms);
  if (!(ms >= 0) || ms > LONGEST_TIMER) throw outOfRange(STARTING, `expected 0 to ${LONGEST_TIMER} milliseconds`, ms);
  return ms;
}
