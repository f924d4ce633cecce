/**
 * The hub: the main greenlet of this thread, on which Node's event loop turns, and what is to run there soon.
 *
 * A greenlet that waits switches to the main one; whoever ends the wait schedules a callback here, which switches back. Callbacks run in the order
 * in which they were scheduled, in turns: a turn ends after {@link LONGEST_TURN}, so that timers and I/O have theirs. In a turn, a greenlet that waits
 * switches to the next one itself, if that is whose turn it is: one switch in place of two.
 */
import { performance } from "node:perf_hooks"; // as a global it is looked up each time
import { type Greenlet, getCurrent } from "@cordage/greenlet";
import { Fifo } from "@cordage/ipc/sys";
import { noteGreenlet, noteTime } from "./held-too-long.js";
import { report } from "./report.js";

/** Milliseconds. */
const LONGEST_TURN = 1;

/** Something that is to run on the main greenlet. */
export interface Callback {
  /** The greenlet that only waits to be switched to, with this callback. */
  readonly greenlet?: Greenlet | undefined;
  /** Whether the greenlet has not begun; once it has, it is no more the callback's. */
  readonly isNew?: boolean;
  run(): void;
}

/** The greenlet of the event loop: the one that all others descend from. */
export const main: Greenlet = rootOf(getCurrent());

function rootOf(one: Greenlet): Greenlet {
  let root = one;
  while (root.parent) root = root.parent;
  return root;
}

const ready = new Fifo<Callback>();
let isTurnComing = false;
/** When this turn ends, 0 outside of one; and when whoever runs in it began. */
let end = 0;
let now = 0;
/** How many callbacks run within each other: one that has called another one has more to do, before anybody else's turn. */
let depth = 0;
/** How long what promises have called has taken since the last turn. */
let promised = 0;

/** Has it run soon, after what was scheduled before; never at once. Until then the event loop does not end. */
export function schedule(callback: Callback): void {
  ready.push(callback);
  if (isTurnComing) return;
  isTurnComing = true;
  setImmediate(turn);
}

/** Whether nothing waits for its turn. */
export const isIdle = (): boolean => ready.length === 0;

function turn(): void {
  promised = 0;
  begin();
  while (ready.length > 0 && now < end) attempt(ready.shift()!);
  end = 0;
  isTurnComing = ready.length > 0;
  if (isTurnComing) setImmediate(turn);
}

function begin(): void {
  now = performance.now();
  end = now + LONGEST_TURN;
}

function attempt(callback: Callback): void {
  depth++;
  try {
    callback.run();
  } catch (error) {
    report(undefined, error);
  }
  depth--;
  now = noteTime(now);
}

/** In a callback of the event loop: runs it at once. Elsewhere soon, because nobody but the main greenlet may switch to whoever waits. */
export function runNow(callback: Callback): void {
  if (getCurrent() !== main) {
    schedule(callback);
    return;
  }
  const isOutside = end === 0;
  if (isOutside) begin();
  attempt(callback);
  if (isOutside) end = 0;
}

/**
 * As {@link runNow}, for what a promise calls: soon, once such have taken as long as a turn. The event loop does not turn before all promises have
 * called, and a greenlet that waits for one after the other would never let it.
 */
export function runFromPromise(callback: Callback): void {
  if (promised >= LONGEST_TURN) {
    schedule(callback);
    return;
  }
  const began = performance.now();
  runNow(callback);
  promised += performance.now() - began;
}

/** Suspends the running greenlet until somebody switches to it. @returns what that one sends */
export function suspend(current: Greenlet): unknown {
  const next = nextGreenlet();
  if (!next) return main.switch();
  if (next.greenlet === current) return next;
  noteGreenlet(next.greenlet!);
  return next.isNew ? beginNext(next) : next.greenlet!.switch(next);
}

/** Without memory for another stack, whoever waits here goes on waiting: the hub ends the one that could not begin. */
function beginNext(next: Callback): unknown {
  try {
    return next.greenlet!.switch(next);
  } catch (error) {
    if (!next.greenlet) throw error; // it has begun: this is for whoever waits here
    schedule({ run: () => next.run() });
    return main.switch();
  }
}

/** Taken from the line, if a greenlet is first in it and the turn is not over. */
function nextGreenlet(): Callback | undefined {
  if (end === 0 || depth !== 1 || !ready.first?.greenlet) return undefined;
  now = noteTime(now);
  return now < end ? ready.shift() : undefined;
}
