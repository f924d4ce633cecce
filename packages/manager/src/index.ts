/** Objects in a server process that others use by proxy, near and far. See README.md. */
export { BaseManager, type Proxied, type RegisterOptions } from "./base-manager.js";
export { callMethod, callMethodSync } from "./call-method.js";
export { type CurrentCall, currentCall } from "./current-call.js";
export { ConnectionLostError, ManagerError, RemoteError } from "./errors.js";
export type { Limits } from "./internal/limits.js";
export type { ManagerOptions } from "./internal/manager-options.js";
export type { ManagerTls } from "./internal/target.js";
export { Namespace } from "./namespace.js";
export { AcquirableProxy } from "./proxies/acquirable.js";
export { type ArrayKind, ArrayProxy } from "./proxies/array-proxy.js";
export { BarrierProxy } from "./proxies/barrier-proxy.js";
export { ConditionProxy } from "./proxies/condition-proxy.js";
export { type DictKey, DictProxy, type DictSource } from "./proxies/dict-proxy.js";
export { EventProxy } from "./proxies/event-proxy.js";
export { type ItemSource, ListProxy, type SortOptions } from "./proxies/list-proxy.js";
export { LockProxy, RLockProxy } from "./proxies/lock-proxy.js";
export { NamespaceProxy } from "./proxies/namespace-proxy.js";
export {
  AsyncResultProxy,
  IteratorProxy,
  type PoolCallOptions,
  type PoolFunction,
  PoolProxy,
} from "./proxies/pool-proxy.js";
export { JoinableQueueProxy, QueueProxy } from "./proxies/queue-proxy.js";
export { BoundedSemaphoreProxy, SemaphoreProxy } from "./proxies/semaphore-proxy.js";
export { SetProxy } from "./proxies/set-proxy.js";
export { ValueProxy } from "./proxies/value-proxy.js";
export { BaseProxy, type Blocking, type CallOptions } from "./proxy.js";
export { served } from "./served.js";
export { Server } from "./server.js";
export { type BarrierOptions, Manager, type ManagerPoolOptions, SyncManager } from "./sync-manager.js";
