/** The types of a SyncManager for a process that makes the objects itself. */
import { type SharedKind, task, type ValueOfKind } from "@cordage/ipc";
import { barrier } from "./internal/referents/barrier.js";
import { condition } from "./internal/referents/condition.js";
import { dict } from "./internal/referents/dict.js";
import { event } from "./internal/referents/event.js";
import { list } from "./internal/referents/list.js";
import { lock, rlock } from "./internal/referents/lock.js";
import { namespace } from "./internal/referents/namespace.js";
import { array, value } from "./internal/referents/numbers.js";
import { joinableQueue, queue } from "./internal/referents/queue.js";
import { boundedSemaphore, semaphore } from "./internal/referents/semaphore.js";
import { set } from "./internal/referents/set.js";
import { madeHere } from "./internal/server/home.js";
import type { ArrayKind, ArrayProxy } from "./proxies/array-proxy.js";
import type { BarrierProxy } from "./proxies/barrier-proxy.js";
import type { ConditionProxy } from "./proxies/condition-proxy.js";
import type { DictProxy, DictSource } from "./proxies/dict-proxy.js";
import type { EventProxy } from "./proxies/event-proxy.js";
import type { ItemSource, ListProxy } from "./proxies/list-proxy.js";
import type { LockProxy, RLockProxy } from "./proxies/lock-proxy.js";
import type { NamespaceProxy } from "./proxies/namespace-proxy.js";
import type { JoinableQueueProxy, QueueProxy } from "./proxies/queue-proxy.js";
import type { BoundedSemaphoreProxy, SemaphoreProxy } from "./proxies/semaphore-proxy.js";
import type { SetProxy } from "./proxies/set-proxy.js";
import type { ValueProxy } from "./proxies/value-proxy.js";
import type { BarrierOptions } from "./sync-manager.js";

/**
 * Makes what a {@link SyncManager} makes, but here, in this process, and at once; all but a Pool. What it returns is used here as
 * any proxy is, and is what a registered function returns for clients to use it: the same object for as long as it returns the
 * same one.
 *
 * @example
 * const queue = served.Queue<string>();
 * class QueueManager extends BaseManager {}
 * QueueManager.register("get_queue", () => queue);
 * QueueManager.register("Queue", served.Queue); // a new one for each client that asks
 * await new QueueManager({ address: ["", 50000], authkey: "abracadabra" }).getServer().serveForever();
 *
 * Guarantees: what is put into one of them by this process stays what it is, and is copied when a client gets it. Each call is
 * one step, whoever calls. This process is one session of its own: its async functions share what it has locked.
 *
 * `sync` does what needs no wait, and else throws {@link ManagerError} ERR_WOULD_BLOCK: nothing could happen meanwhile. To send one
 * to another process (an argument of a Process, an item of a Queue of `@cordage/ipc`) a server must have given it to a client.
 *
 * @throws as the methods of SyncManager, at once
 *
 * Source: CPython's docs, "Using a remote manager".
 */
export const served = {
  /** @param init an object, a Map, pairs of key and value, or another dict of this process */
  dict: <V = any>(init?: DictSource<V>): DictProxy<V> => madeHere(dict, [init]),
  list: <T = any>(init?: ItemSource<T>): ListProxy<T> => madeHere(list, [init]),
  set: <T = any>(init?: ItemSource<T>): SetProxy<T> => madeHere(set, [init]),
  Namespace: <T extends Record<string, any> = Record<string, any>>(init?: T): NamespaceProxy<T> =>
    madeHere(namespace, [init]),
  Value: <K extends SharedKind>(kind: K, initial?: ValueOfKind<K>): ValueProxy<K> => madeHere(value, [kind, initial]),
  /** @param items the numbers, or how many zeros */
  Array: <K extends ArrayKind>(kind: K, items: Iterable<ValueOfKind<K>> | number): ArrayProxy<K> =>
    madeHere(array, [kind, items]),
  Lock: (): LockProxy => madeHere(lock, []),
  RLock: (): RLockProxy => madeHere(rlock, []),
  Semaphore: (permits?: number): SemaphoreProxy => madeHere(semaphore, [permits]),
  BoundedSemaphore: (permits?: number): BoundedSemaphoreProxy => madeHere(boundedSemaphore, [permits]),
  /** @param over a Lock or RLock of this process; default: an RLock of its own */
  Condition: (over?: LockProxy | RLockProxy): ConditionProxy => madeHere(condition, [over]),
  Event: (): EventProxy => madeHere(event, []),
  /** @param options the action may be any function of this process */
  Barrier: (parties: number, options?: BarrierOptions): BarrierProxy => madeHere(barrier, [parties, options]),
  /** @param maxsize how many items it holds before `put` waits; 0 is without bound */
  Queue: <T = any>(maxsize?: number): QueueProxy<T> => madeHere(queue, [maxsize]),
  JoinableQueue: <T = any>(maxsize?: number): JoinableQueueProxy<T> => madeHere(joinableQueue, [maxsize]),
} as const;

/** So that a server in a process of its own finds them as factories: by those who start one, and by itself. */
export function nameFactories(): void {
  for (const [name, make] of Object.entries(served)) task(`@cordage/manager served.${name}`, make);
}
