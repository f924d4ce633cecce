/**
 * The hub: the main greenlet of this thread, on which Node's event loop turns, and what is to run there soon.
 *
 * A greenlet that waits switches to the main one; whoever ends the wait schedules a callback here, which switches back. Callbacks run in the order
 * in which they were scheduled, in turns: a turn ends after {@link LONGEST_TURN}, so that timers and I/O have theirs.
 */
import { type Greenlet, getCurrent } from "@cordage/greenlet";
import { Fifo } from "@cordage/ipc/sys";
import { noteTime } from "./held-too-long.js";
import { report } from "./report.js";

/** Milliseconds. */
const LONGEST_TURN = 1;

/** Something that is to run on the main greenlet. */
export interface Callback {
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
  let now = performance.now();
  const end = now + LONGEST_TURN;
  while (ready.length > 0 && now < end) {
    attempt(ready.shift()!);
    now = noteTime(now);
  }
  isTurnComing = ready.length > 0;
  if (isTurnComing) setImmediate(turn);
}

function attempt(callback: Callback): void {
  try {
    callback.run();
  } catch (error) {
    report(undefined, error);
  }
}

/** In a callback of the event loop: runs it at once. Elsewhere soon, because nobody but the main greenlet may switch to whoever waits. */
export function runNow(callback: Callback): void {
  if (getCurrent() !== main) {
    schedule(callback);
    return;
  }
  const began = performance.now();
  attempt(callback);
  noteTime(began);
}
