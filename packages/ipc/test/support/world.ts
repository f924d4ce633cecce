/** The world of ipc's own objects, for the laws that a manager's proxies obey too. */
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  JoinableQueue,
  Lock,
  Queue,
  RLock,
  Semaphore,
  SharedArray,
  SimpleQueue,
} from "@cordage/ipc";
import { type ConditionLike, type CountingBarrier, peerKinds, type World } from "@cordage/test-support/laws";
import { startPeer } from "./peer.js";

/** How many wait for a condition: it prints it. */
export const waiting = (condition: ConditionLike) => Number(/(\d+)\)>$/.exec(String(condition))![1]);

function countingBarrier(parties: number): CountingBarrier {
  let runs = 0;
  const action = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    runs++;
  };
  return { barrier: new Barrier(parties, { action }), runs: () => runs };
}

export const world: World = {
  kinds: peerKinds,
  start: startPeer,
  scale: 1,
  Lock: () => new Lock(),
  RLock: () => new RLock(),
  Semaphore: (value) => new Semaphore(value),
  BoundedSemaphore: (value) => new BoundedSemaphore(value),
  Condition: (lock) => new Condition(lock as Lock),
  Event: () => new Event(),
  Barrier: (parties, options) => new Barrier(parties, options),
  Queue: (maxsize) => new Queue(maxsize),
  JoinableQueue: (maxsize) => new JoinableQueue(maxsize),
  SimpleQueue: () => new SimpleQueue(),
  countingBarrier,
  waiting,
  SharedArray: (length) => new SharedArray(Int32Array, length, { lock: false }),
};
