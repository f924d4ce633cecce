/** Python's eventlet: blocking-style code without await, with eventlet's rules, on the hub of `@cordage/gevent`. */
export {
  LoopExit,
  NotInGreenletError,
  run,
  sleep,
  socket,
  type TimeOptions,
} from "@cordage/gevent";
export { GreenletExit, getCurrent } from "@cordage/greenlet";
export { QueueEmpty, QueueFull } from "@cordage/ipc";
export { CappedSemaphore } from "./capped-semaphore.js";
export { EventletError, StopServe } from "./errors.js";
export { Event } from "./event.js";
export type { GreenMap } from "./green-map.js";
export { GreenPile } from "./green-pile.js";
export { GreenPool } from "./green-pool.js";
export { GreenThread, kill, type Link } from "./green-thread.js";
export { isMonkeyPatched, monkeyPatch, type PatchOptions } from "./monkey-patch.js";
export { LifoQueue, LightQueue, PriorityQueue, Queue } from "./queue.js";
export { BoundedSemaphore, Semaphore } from "./semaphore.js";
export { type Handler, type ServeOptions, serve } from "./serve.js";
export { type ConnectOptions, connect, type ListenOptions, listen } from "./sockets.js";
export { spawn, spawnAfter, spawnAfterLocal, spawnN } from "./spawn.js";
export { isTimeout, Timeout, withTimeout } from "./timeout.js";
export * as tpool from "./tpool.js";
export * as wsgi from "./wsgi.js";
