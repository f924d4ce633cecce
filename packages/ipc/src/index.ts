/** Locks, queues, connections and shared memory between processes. Linux only; see README.md. */
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
export { type ClassOptions, registerClass } from "./internal/codec/classes.js";
export type { SyncWaitOptions, WaitOptions } from "./internal/options.js";
export { Lock, RLock } from "./lock.js";
export { Pipe, type PipeOptions } from "./pipe.js";
export { ShareableList, type ShareableListOptions, type ShareableValue } from "./shareable-list.js";
export { SharedMemory, type SharedMemoryOptions } from "./shared-memory.js";
export { task } from "./task.js";
