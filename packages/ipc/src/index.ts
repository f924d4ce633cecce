/** Locks, queues, connections and shared memory between processes. Linux only; see README.md. */
export { Barrier, type BarrierOptions } from "./barrier.js";
export { Client, type ClientOptions, clientSync, type SyncClientOptions } from "./client.js";
export { Condition } from "./condition.js";
export { Connection, type ConnectionOptions } from "./connection.js";
export {
  AuthenticationError,
  BrokenBarrierError,
  BufferTooShort,
  CodecError,
  CordageError,
  EOFError,
  IpcError,
  LockError,
  OwnerDiedError,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  SystemError,
  TimeoutError,
} from "./errors.js";
export { Event } from "./event.js";
export type { Address, AddressFamily, ReportedAddress } from "./internal/address.js";
export type { AuthKey } from "./internal/authentication.js";
export { type ClassOptions, registerClass } from "./internal/codec/classes.js";
export type { SyncWaitOptions, WaitOptions } from "./internal/options.js";
export { JoinableQueue } from "./joinable-queue.js";
export { Listener, type ListenerOptions } from "./listener.js";
export { Lock, RLock } from "./lock.js";
export { Pipe, type PipeOptions } from "./pipe.js";
export { Queue, type QueueOptions } from "./queue.js";
export { BoundedSemaphore, Semaphore } from "./semaphore.js";
export { ShareableList, type ShareableListOptions, type ShareableValue } from "./shareable-list.js";
export { SharedArray, type SharedArrayOptions, type TypedArray, type TypedArrayConstructor } from "./shared-array.js";
export { SharedMemory, type SharedMemoryOptions } from "./shared-memory.js";
export {
  type AddendOfKind,
  type SharedKind,
  SharedValue,
  type SharedValueOptions,
  type ValueOfKind,
} from "./shared-value.js";
export { SimpleQueue } from "./simple-queue.js";
export { task } from "./task.js";
export { type Waitable, type WaitObject, wait, waitSync } from "./wait.js";
