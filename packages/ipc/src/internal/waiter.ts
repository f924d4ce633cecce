/**
 * Waiting on a shared word without blocking: the native waiter's thread sleeps, the event loop gets the news.
 * Never keeps the event loop alive.
 */
import { afterFork } from "./after-fork.js";
import { checked } from "./checked.js";
import { type NativeHandle, native } from "./native.js";

interface Sleeper {
  words: Int32Array; // also keeps the mapping alive for as long as a thread may look at it
  onWake: () => void;
}

let handle: NativeHandle | undefined;
let sleepers = new Map<number, Sleeper>();
afterFork(() => {
  handle = undefined;
  sleepers = new Map();
});

function wake(id: number): void {
  const sleeper = sleepers.get(id);
  sleepers.delete(id);
  sleeper?.onWake();
}

/**
 * Calls `onWake` once, on the event loop, when the word is woken or no longer holds `expected`. Wakes may be spurious.
 * @returns a function that ends the wait; true if it ended it, false if the wake was under way already.
 */
export function onWordChange(words: Int32Array, index: number, expected: number, onWake: () => void): () => boolean {
  handle ??= checked(native.waiterOpen(wake), "futex_waitv", "start the waiter thread");
  const waiter = handle;
  const id = checked(
    native.waiterAdd(waiter, words, index, expected),
    "futex_waitv",
    "wait for a shared word",
  ) as number;
  sleepers.set(id, { words, onWake });
  return () => {
    sleepers.delete(id);
    return native.waiterCancel(waiter, id) === 1;
  };
}
