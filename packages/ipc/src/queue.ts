/** A queue between any number of threads and processes. */
import { IpcError, outOfRange, QueueFull } from "./errors.js";
import { integerOf } from "./internal/options.js";
import { handleOf, memoryAt, QueueBase } from "./internal/queue/base.js";
import { QueueMemory } from "./internal/queue/memory.js";
import { registerShared } from "./internal/shared-type.js";

const LARGEST_MAXSIZE = 2 ** 31 - 1;
const RING_BYTES = 4 * 1024 * 1024;

export interface QueueOptions {
  /**
   * Bytes of shared memory for items, a power of two from 64 to 2^30; 4 MiB by default. It is taken as the queue first
   * fills; what does not fit goes to a slower file.
   */
  ringBytes?: number;
}

function ringBytesOf(options: QueueOptions | undefined): number {
  const bytes = integerOf(options?.ringBytes ?? RING_BYTES, "ringBytes", "create the queue", 64, 2 ** 30);
  if (bytes & (bytes - 1)) throw outOfRange("create the queue", "ringBytes must be a power of two", bytes);
  return bytes;
}

/** @internal */
export function queueMemory(maxsize: unknown, options: unknown): QueueMemory {
  if (options instanceof QueueMemory) return options;
  const bound = integerOf(maxsize, "maxsize", "create the queue", -LARGEST_MAXSIZE, LARGEST_MAXSIZE);
  return QueueMemory.create(Math.max(bound, 0), ringBytesOf(options as QueueOptions | undefined));
}

/**
 * A first-in, first-out queue: many producers, many consumers, any number of processes.
 *
 * What one producer puts arrives in its order. An item is there for all or for nobody, at whatever instruction a
 * process is killed; killed processes lose nothing that was put and double nothing.
 *
 * @example
 * const queue = new Queue<number>();
 * queue.putSync(1);
 * await queue.get();       // 1
 *
 * Differs from Python: items are in shared memory when `put` returns. There is no feeder thread, so nothing has to be
 * flushed before a process ends, `joinThread()` has nothing to wait for, and `put` itself refuses what cannot travel.
 *
 * Safe from: any process and thread. Source: CPython multiprocessing/queues.py, queue.py (shutdown); futex(2).
 */
export class Queue<T = any> extends QueueBase<T> {
  /** `maxsize`: how many items it holds before `put` waits; 0 or less is without bound. */
  constructor(maxsize = 0, options?: QueueOptions) {
    super(queueMemory(maxsize, options));
  }

  /**
   * Puts without waiting.
   * @throws {QueueFull} ERR_QUEUE_FULL
   */
  putNoWait(item: T): void {
    if (!this.tryPut(item)) throw new QueueFull();
  }

  /**
   * Takes without waiting.
   * @throws {QueueEmpty} ERR_QUEUE_EMPTY
   */
  getNoWait(): T {
    return this.getSync({ timeout: 0 });
  }

  /** How many items are there at this moment. */
  qsize(): number {
    return this.memory.size();
  }

  /** Whether `put` would wait at this moment; never without a `maxsize`. */
  full(): boolean {
    return this.memory.full();
  }

  /**
   * For everybody: from now on `put` throws {@link QueueShutDown}, and so does `get` once nothing is left. `immediate`
   * drops what is left; a JoinableQueue counts it as done. Whoever waits wakes.
   */
  shutdown(immediate = false): void {
    this.memory.shutdown(immediate);
  }

  /**
   * Resolves at once: nothing that was put waits in this process.
   * @throws {IpcError} ERR_QUEUE_NOT_CLOSED before {@link close}
   */
  async joinThread(): Promise<void> {
    if (!this.gate.closed)
      throw new IpcError("ERR_QUEUE_NOT_CLOSED", "cannot join the queue's thread: close() the queue first");
  }

  /** Does nothing: no process waits at its end for what it has put. */
  cancelJoinThread(): void {}
}

registerShared({
  name: "Queue",
  cls: Queue,
  pack: handleOf,
  unpack: (handle) => new Queue(0, memoryAt(handle) as QueueOptions),
});
