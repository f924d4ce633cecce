/** A queue that knows whether all that was put has been dealt with. */
import { IpcError, TimeoutError } from "./errors.js";
import { blockingCalls } from "./internal/blocking-calls.js";
import { type SyncWaitOptions, timeoutOf, type WaitOptions } from "./internal/options.js";
import { handleOf, memoryAt } from "./internal/queue/base.js";
import { JoinWait } from "./internal/queue/waits.js";
import { registerShared } from "./internal/shared-type.js";
import { block, blockSync } from "./internal/waiting.js";
import { Queue, type QueueOptions } from "./queue.js";

/**
 * A {@link Queue} whose consumers report each item done, and whose `join()` waits until all are.
 *
 * @example
 * for (let item; (item = await queue.get()) !== null; queue.taskDone()) work(item);
 *
 * Safe from: any process and thread. Source: CPython multiprocessing/queues.py.
 */
export class JoinableQueue<T = any> extends Queue<T> {
  private readonly joining = new JoinWait(this.memory);

  /**
   * Reports one item, taken earlier, as done.
   * @throws {IpcError} ERR_TASK_DONE when all that was put is done already
   */
  taskDone(): void {
    if (!this.memory.taskDone())
      throw new IpcError("ERR_TASK_DONE", "cannot report a task done: taskDone() was called more often than put()");
  }

  /**
   * Resolves once every item that was put has been reported done.
   * @throws {TimeoutError} ERR_TIMEOUT when `timeout` milliseconds have passed first
   * @throws the signal's reason when cancelled
   *
   * Blocks: the caller only; the event loop goes on, and the wait by itself keeps no process alive.
   */
  async join(options?: WaitOptions): Promise<void> {
    const timeout = timeoutOf(options, "join the queue");
    if (!(await block(this.joining, timeout, options?.signal))) throw notDone();
  }

  /**
   * As {@link join}, but blocks the thread.
   *
   * Blocks: the thread.
   */
  joinSync(options?: SyncWaitOptions): void {
    if (!blockSync(this.joining, timeoutOf(options, "join the queue"))) throw notDone();
  }
}

function notDone(): TimeoutError {
  return new TimeoutError("cannot join the queue: the timeout passed before all tasks were done");
}

registerShared({
  name: "JoinableQueue",
  cls: JoinableQueue,
  pack: handleOf,
  unpack: (handle) => new JoinableQueue(0, memoryAt(handle) as QueueOptions),
});

blockingCalls("JoinableQueue", JoinableQueue.prototype, { joinSync: ["join", 0] });
