/** Letting others run. */
import { invalidType, outOfRange } from "@cordage/ipc/sys";
import { abortable } from "./internal/abortable.js";
import { isIdle } from "./internal/hub.js";
import { checkTime, type TimeOptions } from "./internal/time.js";
import { LONGEST_TIMER, scheduleLater } from "./internal/timer.js";
import { checkedCurrent, Waiter } from "./internal/waiter.js";

export type SleepOptions = Pick<TimeOptions, "signal">;

/**
 * Lets others run for `ms` milliseconds; 0: once, whoever is ready.
 * @throws the reason of the signal, if there is one
 *
 * Blocks: the greenlet. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET, @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
 */
export function sleep(ms = 0, options?: SleepOptions): void {
  if (typeof ms !== "number") throw invalidType("sleep", "expected a number of milliseconds", ms);
  if (!(ms >= 0) || ms > LONGEST_TIMER) throw outOfRange("sleep", `expected 0 to ${LONGEST_TIMER} milliseconds`, ms);
  checkTime(options, "sleep");
  const waiter = new Waiter<void>("sleep");
  if (ms === 0) waiter.pass();
  else sleepFor(ms, waiter, options?.signal);
}

function sleepFor(ms: number, waiter: Waiter<void>, signal: AbortSignal | null | undefined): void {
  checkedCurrent("sleep");
  const timer = scheduleLater({ run: () => waiter.endNow() }, ms);
  try {
    if (signal) abortable(waiter, signal, () => waiter.get());
    else waiter.get();
  } finally {
    clearTimeout(timer);
  }
}

/** Lets others run until none is ready, and the event loop has turned once. Blocks: the greenlet. */
export function idle(): void {
  do turnOfTheLoop();
  while (!isIdle());
}

function turnOfTheLoop(): void {
  const waiter = new Waiter<void>("idle");
  checkedCurrent("idle");
  setImmediate(() => waiter.endNow());
  waiter.get();
}
