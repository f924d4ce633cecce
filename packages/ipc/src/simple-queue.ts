/** A queue with little more than put and get. */
import { handleOf, memoryAt, QueueBase } from "./internal/queue/base.js";
import { refuseIfClosed } from "./internal/queue/waits.js";
import { registerShared } from "./internal/shared-type.js";
import { type QueueOptions, queueMemory } from "./queue.js";

/**
 * A {@link Queue} without bound, counts, tasks or shutdown.
 *
 * Differs from Python: `put` never waits for a reader.
 *
 * Safe from: any process and thread. Source: CPython multiprocessing/queues.py.
 */
export class SimpleQueue<T = any> extends QueueBase<T> {
  constructor(options?: QueueOptions) {
    super(queueMemory(0, options));
  }

  /**
   * Whether nothing is there to get at this moment.
   * @throws {IpcError} ERR_QUEUE_CLOSED when it was closed here, used or not
   */
  override empty(): boolean {
    refuseIfClosed(this.gate, "look into");
    return super.empty();
  }
}

registerShared({
  name: "SimpleQueue",
  cls: SimpleQueue,
  pack: handleOf,
  unpack: (handle) => new SimpleQueue(memoryAt(handle) as QueueOptions),
});
