/** The manager that has everything. */
import type { SharedKind, ValueOfKind } from "@cordage/ipc";
import { referenceOf } from "@cordage/ipc/sys";
import { BaseManager } from "./base-manager.js";
import type { ManagerOptions } from "./internal/manager-options.js";
import type { ArrayKind, ArrayProxy } from "./proxies/array-proxy.js";
import type { BarrierProxy } from "./proxies/barrier-proxy.js";
import type { ConditionProxy } from "./proxies/condition-proxy.js";
import type { DictProxy, DictSource } from "./proxies/dict-proxy.js";
import type { EventProxy } from "./proxies/event-proxy.js";
import type { ItemSource, ListProxy } from "./proxies/list-proxy.js";
import type { LockProxy, RLockProxy } from "./proxies/lock-proxy.js";
import type { NamespaceProxy } from "./proxies/namespace-proxy.js";
import type { PoolProxy } from "./proxies/pool-proxy.js";
import type { JoinableQueueProxy, QueueProxy } from "./proxies/queue-proxy.js";
import type { BoundedSemaphoreProxy, SemaphoreProxy } from "./proxies/semaphore-proxy.js";
import type { SetProxy } from "./proxies/set-proxy.js";
import type { ValueProxy } from "./proxies/value-proxy.js";

export interface BarrierOptions {
  /** Run in the server by the last party to arrive: one of the manager's `functions`. */
  action?: (() => unknown) | undefined;
  /** What `wait` takes where it is given no timeout: milliseconds. */
  timeout?: number | undefined;
}

export interface ManagerPoolOptions {
  processes?: number;
  maxTasksPerChild?: number;
}

/**
 * Makes containers, locks, queues and pools in its server. What is created lives as long as any proxy of it does,
 * in any process.
 *
 * Source: CPython multiprocessing/managers.py SyncManager.
 */
export class SyncManager extends BaseManager {
  protected static override readonly withBuiltIn: boolean = true;

  /** @param init an object, a Map, pairs of key and value, or another dict */
  dict<V = any>(init?: DictSource<V>): Promise<DictProxy<V>> {
    return this.create("dict", ...given(init));
  }

  list<T = any>(init?: ItemSource<T>): Promise<ListProxy<T>> {
    return this.create("list", ...given(init));
  }

  set<T = any>(init?: ItemSource<T>): Promise<SetProxy<T>> {
    return this.create("set", ...given(init));
  }

  Namespace<T extends Record<string, any> = Record<string, any>>(init?: T): Promise<NamespaceProxy<T>> {
    return this.create("Namespace", ...given(init));
  }

  Value<K extends SharedKind>(kind: K, value?: ValueOfKind<K>): Promise<ValueProxy<K>> {
    return this.create("Value", kind, ...given(value));
  }

  /** @param items the numbers, or how many zeros */
  Array<K extends ArrayKind>(kind: K, items: Iterable<ValueOfKind<K>> | number): Promise<ArrayProxy<K>> {
    return this.create("Array", kind, items);
  }

  Lock(): Promise<LockProxy> {
    return this.create("Lock");
  }

  RLock(): Promise<RLockProxy> {
    return this.create("RLock");
  }

  /** @param value permits at the start, 0 to 2^30; default: 1 */
  Semaphore(value?: number): Promise<SemaphoreProxy> {
    return this.create("Semaphore", ...given(value));
  }

  BoundedSemaphore(value?: number): Promise<BoundedSemaphoreProxy> {
    return this.create("BoundedSemaphore", ...given(value));
  }

  /** @param lock a Lock or RLock of this manager; default: an RLock of its own */
  Condition(lock?: LockProxy | RLockProxy): Promise<ConditionProxy> {
    return this.create("Condition", ...given(lock));
  }

  Event(): Promise<EventProxy> {
    return this.create("Event");
  }

  Barrier(parties: number, { action, timeout }: BarrierOptions = {}): Promise<BarrierProxy> {
    return this.create("Barrier", parties, { timeout, action: action && referenceOf(action) });
  }

  /** @param maxsize how many items it holds before `put` waits; 0 is without bound */
  Queue<T = any>(maxsize?: number): Promise<QueueProxy<T>> {
    return this.create("Queue", ...given(maxsize));
  }

  JoinableQueue<T = any>(maxsize?: number): Promise<JoinableQueueProxy<T>> {
    return this.create("JoinableQueue", ...given(maxsize));
  }

  /** @param options how many processes, or more about them */
  Pool(options?: number | ManagerPoolOptions): Promise<PoolProxy> {
    return this.create("Pool", ...given(options));
  }
}

function given(argument: unknown): unknown[] {
  return argument === undefined ? [] : [argument];
}

/**
 * A started {@link SyncManager}.
 *
 * @example
 * await using manager = await Manager();
 * const d = await manager.dict({ count: 0 });
 * await d.increment("count");
 *
 * @throws as {@link BaseManager.start}
 */
export async function Manager(options?: ManagerOptions): Promise<SyncManager> {
  const manager = new SyncManager(options);
  await manager.start();
  return manager;
}
