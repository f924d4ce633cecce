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
import { BaseProxy, referenceIn } from "../proxy.js";
import { signalAmong } from "./call-signal.js";
import type { Reference } from "./reference.js";
import { METHODS } from "./synchronous.js";

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

/** Of objects whose kind says nothing about their proxies. */
export const AUTO = "";

/** Those that programs have given, by type. */
const own = new Map<string, ProxyClass>();

/** A class of one's own for the proxies of a registered type, in this process. */
export function useProxyClass(typeid: string, cls: ProxyClass): void {
  own.set(typeid, cls);
}

const generated = new Map<string, ProxyClass>();

/** What a proxy has itself: methods of such names are reached by `callMethod`, and by `sync`. */
const OWN = new Set(["constructor", "sync", "toString"]);

/** A class with a method for each name. Source: CPython multiprocessing/managers.py MakeProxyType. */
function generate(names: readonly string[]): ProxyClass {
  class AutoProxy extends BaseProxy {}
  for (const name of names) {
    if (OWN.has(name)) continue;
    const value = function (this: AutoProxy, ...args: unknown[]) {
      return referenceIn(this)!.call(name, args, signalAmong(args));
    };
    Object.defineProperty(value, "name", { value: name });
    Object.defineProperty(AutoProxy.prototype, name, { value, writable: true, configurable: true });
  }
  Object.defineProperty(AutoProxy.prototype, METHODS, { value: ["getValue", ...names] });
  return AutoProxy;
}

/** One of a class of ours takes no properties: `d.key = 1`, where `d.sync.key = 1` was meant, is an error. */
export function makeProxy(reference: Reference): BaseProxy {
  const theirs = ownClassOf(reference);
  if (theirs) return new theirs(reference);
  const cls = classes.get(reference.kind) ?? generatedFor(reference.exposed);
  return Object.preventExtensions(new cls(reference));
}

/** A type that is called as one of this package's is not meant by those who register that name. */
function ownClassOf({ typeid, kind }: Reference): ProxyClass | undefined {
  return typeid === kind ? undefined : own.get(typeid);
}

function generatedFor(names: readonly string[]): ProxyClass {
  const key = names.join("\n");
  const cls = generated.get(key) ?? generate(names);
  generated.set(key, cls);
  return cls;
}
