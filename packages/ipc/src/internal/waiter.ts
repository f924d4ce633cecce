/**
 * Waiting on a shared word without blocking: the native waiter's thread sleeps, the event loop gets the news.
 * Never keeps the event loop alive. However many wait for one word to change from one value, the thread is asked once.
 */
import { afterFork } from "./after-fork.js";
import { checked } from "./checked.js";
import { type NativeHandle, native } from "./native.js";

/** One question to the waiter's thread. */
interface Sleep {
  readonly id: number;
  /** Keeps the mapping alive for as long as a thread may look at it. */
  readonly words: Int32Array;
  readonly key: string;
  readonly listeners: Set<() => void>;
}

let handle: NativeHandle | undefined;
let byId = new Map<number, Sleep>();
/** The sleeps of one piece of memory, by byte offset and expected value. */
let byWord = new WeakMap<ArrayBufferLike, Map<string, Sleep>>();
afterFork(() => {
  handle = undefined;
  byId = new Map();
  byWord = new WeakMap();
});

function end(sleep: Sleep): void {
  byId.delete(sleep.id);
  byWord.get(sleep.words.buffer)?.delete(sleep.key);
}

function wake(id: number): void {
  const sleep = byId.get(id);
  if (!sleep) return;
  end(sleep);
  for (const listener of sleep.listeners) listener();
}

function startSleep(words: Int32Array, index: number, expected: number, key: string): Sleep {
  handle ??= checked<NativeHandle>(native.waiterOpen(wake), "futex_waitv", "start the waiter thread");
  const id = checked<number>(native.waiterAdd(handle, words, index, expected), "futex_waitv", "wait for a shared word");
  const sleep = { id, words, key, listeners: new Set<() => void>() };
  byId.set(id, sleep);
  const sleeps = byWord.get(words.buffer) ?? new Map<string, Sleep>();
  byWord.set(words.buffer, sleeps.set(key, sleep));
  return sleep;
}

/**
 * Calls `onWake` once, on the event loop, when the word is woken or no longer holds `expected`. Wakes may be spurious.
 * @returns a function that ends the wait; false if a wake was under way already and nobody else here will have it.
 */
export function onWordChange(words: Int32Array, index: number, expected: number, onWake: () => void): () => boolean {
  const key = `${words.byteOffset + index * Int32Array.BYTES_PER_ELEMENT} ${expected}`;
  const sleep = byWord.get(words.buffer)?.get(key) ?? startSleep(words, index, expected, key);
  sleep.listeners.add(onWake);
  return () => {
    sleep.listeners.delete(onWake);
    if (sleep.listeners.size > 0 || !byId.has(sleep.id)) return true;
    end(sleep);
    return native.waiterCancel(handle!, sleep.id) === 1;
  };
}
