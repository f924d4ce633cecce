/** Which class of proxies shows which kind of object. */

import { ArrayProxy } from "../proxies/array-proxy.js";
import { BarrierProxy } from "../proxies/barrier-proxy.js";
import { ConditionProxy } from "../proxies/condition-proxy.js";
import { DictProxy } from "../proxies/dict-proxy.js";
import { EventProxy } from "../proxies/event-proxy.js";
import { ListProxy } from "../proxies/list-proxy.js";
import { LockProxy, RLockProxy } from "../proxies/lock-proxy.js";
import { NamespaceProxy } from "../proxies/namespace-proxy.js";
import { AsyncResultProxy, IteratorProxy, PoolProxy } from "../proxies/pool-proxy.js";
import { JoinableQueueProxy, QueueProxy } from "../proxies/queue-proxy.js";
import { BoundedSemaphoreProxy, SemaphoreProxy } from "../proxies/semaphore-proxy.js";
import { SetProxy } from "../proxies/set-proxy.js";
import { ValueProxy } from "../proxies/value-proxy.js";
import { BaseProxy } from "../proxy.js";
import type { Reference } from "./reference.js";

export type ProxyClass = new (reference: unknown) => BaseProxy;

const classes = new Map<string, ProxyClass>(
  Object.entries<ProxyClass>({
    dict: DictProxy,
    list: ListProxy,
    set: SetProxy,
    Namespace: NamespaceProxy,
    Value: ValueProxy,
    Array: ArrayProxy,
    Lock: LockProxy,
    RLock: RLockProxy,
    Semaphore: SemaphoreProxy,
    BoundedSemaphore: BoundedSemaphoreProxy,
    Condition: ConditionProxy,
    Event: EventProxy,
    Barrier: BarrierProxy,
    Queue: QueueProxy,
    JoinableQueue: JoinableQueueProxy,
    Pool: PoolProxy,
    AsyncResult: AsyncResultProxy,
    Iterator: IteratorProxy,
  }),
);

/** Those that programs have given. */
const own = new WeakSet<ProxyClass>();

/** Of objects whose class says nothing about their proxies. */
export const AUTO = "auto";

/** A class of one's own for the proxies of a registered type, in this process. */
export function useProxyClass(kind: string, cls: ProxyClass): void {
  own.add(cls);
  classes.set(kind, cls);
}

const generated = new Map<string, ProxyClass>();

/** A class with a method for each name. Source: CPython multiprocessing/managers.py MakeProxyType. */
function generate(names: readonly string[]): ProxyClass {
  class AutoProxy extends BaseProxy {}
  for (const name of names) {
    if (name in BaseProxy.prototype) continue;
    const value = function (this: AutoProxy, ...args: unknown[]) {
      return this.call(name, args);
    };
    Object.defineProperty(value, "name", { value: name });
    Object.defineProperty(AutoProxy.prototype, name, { value, writable: true, configurable: true });
  }
  return AutoProxy;
}

/** One of a class of ours takes no properties: `d.key = 1`, where `d.sync.key = 1` was meant, is an error. */
export function makeProxy(reference: Reference): BaseProxy {
  const cls = classOf(reference);
  const proxy = new cls(reference);
  return own.has(cls) ? proxy : Object.preventExtensions(proxy);
}

function classOf(reference: Reference): ProxyClass {
  const known = classes.get(reference.kind);
  if (known) return known;
  const key = reference.exposed.join("\n");
  const cls = generated.get(key) ?? generate(reference.exposed);
  generated.set(key, cls);
  return cls;
}
