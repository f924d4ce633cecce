/** The queues of a manager. */
import { QueueShutDown, type WaitOptions } from "@cordage/ipc";
import { type Iterate, SYNC_ITERATE } from "../internal/synchronous.js";
import { BaseProxy, type items } from "../proxy.js";
import { waitArguments } from "./acquirable.js";

/**
 * A first-in, first-out queue, near or far. A `get` whose connection breaks may have taken an item that nobody sees.
 *
 * Source: CPython multiprocessing/managers.py BaseManager.register("Queue"), queue.py.
 */
export class QueueProxy<T = any> extends BaseProxy {
  /** Of `sync`: `for (const item of q.sync)` takes items until the queue is shut down, and blocks while there is none. */
  declare readonly [items]?: Iterable<T>;

  /**
   * Puts an item, once there is space for it.
   * @throws {QueueFull} ERR_QUEUE_FULL when `timeout` milliseconds have passed first
   * @throws {QueueShutDown} ERR_QUEUE_SHUT_DOWN
   */
  put(item: T, options?: WaitOptions): Promise<void> {
    return this.call("put", [item, ...waitArguments(options)], options);
  }

  /** @throws {QueueFull} ERR_QUEUE_FULL at once */
  putNoWait(item: T): Promise<void> {
    return this.call("putNoWait", [item]);
  }

  /** Whether there was space for it. */
  tryPut(item: T): Promise<boolean> {
    return this.call("tryPut", [item]);
  }

  /**
   * Takes the next item, once there is one.
   * @throws {QueueEmpty} ERR_QUEUE_EMPTY when `timeout` milliseconds have passed first
   * @throws {QueueShutDown} ERR_QUEUE_SHUT_DOWN when it was shut down and nothing is left
   */
  get(options?: WaitOptions): Promise<T> {
    return this.call("get", waitArguments(options), options);
  }

  /** @throws {QueueEmpty} ERR_QUEUE_EMPTY at once */
  getNoWait(): Promise<T> {
    return this.call("getNoWait");
  }

  /** The next item; `undefined` if there is none. */
  tryGet(): Promise<T | undefined> {
    return this.call("tryGet");
  }

  qsize(): Promise<number> {
    return this.call("qsize");
  }

  empty(): Promise<boolean> {
    return this.call("empty");
  }

  full(): Promise<boolean> {
    return this.call("full");
  }

  /** For everybody: nobody puts any more, and what is left can be got; `immediate` drops it. */
  shutdown(immediate?: boolean): Promise<void> {
    return this.call("shutdown", immediate === undefined ? [] : [immediate]);
  }

  toText(): Promise<string> {
    return this.call("toText");
  }

  /** A copy of what is in it. */
  override getValue(): Promise<T[]> {
    return this.call("getValue");
  }

  /** Takes items until the queue is shut down. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) yield await this.get();
    } catch (error) {
      if (!(error instanceof QueueShutDown)) throw error;
    }
  }
}

Object.defineProperty(QueueProxy.prototype, SYNC_ITERATE, {
  value: function* () {
    try {
      for (;;) yield this.get();
    } catch (error) {
      if (!(error instanceof QueueShutDown)) throw error;
    }
  } satisfies Iterate,
});

/** A queue that knows which of its items are done. */
export class JoinableQueueProxy<T = any> extends QueueProxy<T> {
  /** Reports an item done that was got. @throws {IpcError} ERR_TASK_DONE when all that was put is done already */
  taskDone(): Promise<void> {
    return this.call("taskDone");
  }

  /** Waits until every item that was put is done. @throws {TimeoutError} ERR_TIMEOUT */
  join(options?: WaitOptions): Promise<void> {
    return this.call("join", waitArguments(options), options);
  }
}
