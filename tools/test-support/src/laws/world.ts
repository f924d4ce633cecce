/** Where laws hold: what makes the objects under test, and the parties that share them. */
import type {
  BarrierLike,
  ConditionLike,
  EventLike,
  JoinableQueueLike,
  LockLike,
  QueueLike,
  SemaphoreLike,
  SimpleQueueLike,
} from "./objects.js";
import type { StartPeer } from "./peers.js";

/** Some need a server to make an object. */
export type Made<T> = T | Promise<T>;

/** A barrier whose action counts how often it has run. */
export interface CountingBarrier {
  barrier: BarrierLike;
  runs(): Made<number>;
}

export interface World {
  /** What peers there are; "process" is one of them. */
  kinds: readonly string[];
  start: StartPeer;
  /** Of the long loops, whose lengths are meant for shared memory: 1 is all of it. */
  scale: number;

  Lock(): Made<LockLike>;
  RLock(): Made<LockLike>;
  Semaphore(value?: number): Made<SemaphoreLike>;
  BoundedSemaphore(value?: number): Made<SemaphoreLike>;
  Condition(lock?: LockLike): Made<ConditionLike>;
  Event(): Made<EventLike>;
  Barrier(parties: number, options?: { timeout?: number }): Made<BarrierLike>;
  Queue(maxsize?: number): Made<QueueLike>;
  JoinableQueue(maxsize?: number): Made<JoinableQueueLike>;
  /** Where there is one. */
  SimpleQueue?(): Made<SimpleQueueLike>;

  countingBarrier(parties: number): Made<CountingBarrier>;
  /** How many wait for a condition. */
  /** Whoever waits for a condition over an RLock of its own thread has it back when `notify` returns. */
  wakesAtOnce?: boolean;
  waiting(condition: ConditionLike): number;

  /** Memory that peers share, to count in beside the objects under test: zeros, without a lock. */
  SharedArray(length: number): { readonly array: Int32Array };
}

/** The length of a loop: a share of `most`, at least one round. */
export function scaled({ scale }: World, most: number): number {
  return Math.max(1, Math.round(most * scale));
}
