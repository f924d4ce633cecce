/** A queue of bytes, for sibling packages that lay out their messages themselves. */

import type { SegmentHandle } from "../segment.js";
import { registerShared } from "../shared-type.js";
import { QueueMemory } from "./memory.js";

/**
 * What {@link Queue} is made of, without a codec and without waiting: a message is there for all or for nobody, and
 * outlives whoever put it. Whoever uses it brings a way to wake its consumer.
 *
 * Blocks: never, but for the moment that the other side of the same end takes. Safe from: any process and thread.
 */
export class ByteQueue {
  private readonly memory: QueueMemory;

  /** `ringBytes`: as of {@link QueueOptions}. */
  constructor(ringBytes: number | QueueMemory) {
    this.memory = ringBytes instanceof QueueMemory ? ringBytes : QueueMemory.create(0, ringBytes);
  }

  /** Puts the first `length` bytes. @throws {SystemError} ENOSPC, ENOMEM: nothing was put */
  put(bytes: Uint8Array, length = bytes.length): void {
    this.memory.put(bytes, length);
  }

  /** Takes the oldest message; returns its length, or -1 if there is none. */
  take(): number {
    return this.memory.take();
  }

  /**
   * The message that `take` has taken lies at the start of this buffer. It may be the codec's own inbox: good until
   * the next call of anything that takes or decodes.
   */
  taken(): Buffer {
    return this.memory.payload();
  }

  /** How many messages are there at this moment. */
  get size(): number {
    return this.memory.size();
  }

  /** Gives up the descriptor; it cannot be used any more. The others have it still. */
  close(): void {
    this.memory.close();
  }

  /** @internal */
  static handleOf(queue: ByteQueue): SegmentHandle {
    return queue.memory.handle();
  }
}

registerShared<ByteQueue>({
  name: "ByteQueue",
  cls: ByteQueue,
  pack: (queue) => ByteQueue.handleOf(queue),
  unpack: (handle) => new ByteQueue(QueueMemory.open(handle as SegmentHandle)),
});
