/** Laws that every implementation of a class obeys, and what runs them. Declares jest's tests: to be imported in a test. */
export { barrierLaws } from "./barrier.js";
export { conditionLaws } from "./condition.js";
export { eventLaws } from "./event.js";
export { lockLaws } from "./lock.js";
export type {
  BarrierLike,
  ConditionLike,
  EventLike,
  JoinableQueueLike,
  LockLike,
  QueueLike,
  SemaphoreLike,
  SimpleQueueLike,
  SyncWaitOptions,
  WaitOptions,
} from "./objects.js";
export { Peer, type PeerLike, type PeerOptions, peerKinds, peersOf, type StartPeer } from "./peers.js";
export { queueLaws } from "./queue.js";
export { semaphoreLaws } from "./semaphore.js";
export type { CountingBarrier, Made, World } from "./world.js";
