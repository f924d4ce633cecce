/** Letting others run. */
import { outOfRange } from "@cordage/ipc/sys";
import { isIdle } from "./internal/hub.js";
import { checkedCurrent, Waiter } from "./internal/waiter.js";

/**
 * Lets others run for `ms` milliseconds; 0: once, whoever is ready.
 *
 * Blocks: the greenlet. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET, @throws {RangeError} ERR_OUT_OF_RANGE
 */
export function sleep(ms = 0): void {
  if (typeof ms !== "number" || !(ms >= 0) || ms > LONGEST)
    throw outOfRange("sleep", `expected 0 to ${LONGEST} milliseconds`, ms);
  const waiter = new Waiter<void>("sleep");
  if (ms === 0) waiter.pass();
  else sleepFor(ms, waiter);
}

/** What a timer of Node takes. */
const LONGEST = 2 ** 31 - 1;

function sleepFor(ms: number, waiter: Waiter<void>): void {
  checkedCurrent("sleep");
  const timer = setTimeout(() => waiter.endNow(), ms);
  try {
    waiter.get();
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
