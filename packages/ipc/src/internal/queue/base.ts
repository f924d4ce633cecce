/** What Queue, JoinableQueue and SimpleQueue have in common. */
import { type InspectOptions, inspect } from "node:util";
import { IpcError, QueueEmpty, QueueFull, QueueShutDown } from "../../errors.js";
import { blockingCalls } from "../blocking-calls.js";
import { encodeBriefly, type Message, valueOf } from "../codec/index.js";
import { type SyncWaitOptions, timeoutOf, type WaitOptions } from "../options.js";
import type { SegmentHandle } from "../segment.js";
import { block, blockSync, isWaitedFor, Spin } from "../waiting.js";
import { QueueMemory } from "./memory.js";
import { type Gate, GetWait, PutWait, refuseIfClosed } from "./waits.js";

const END = new Set(["ERR_QUEUE_CLOSED", "ERR_QUEUE_SHUT_DOWN"]);

export abstract class QueueBase<T> implements AsyncIterable<T> {
  /** @internal */
  protected readonly memory: QueueMemory;
  /** @internal */
  protected readonly gate: Gate = { closed: false };
  private readonly getting: GetWait;
  private readonly putSpin = new Spin();
  private used = false;

  /** @internal */
  constructor(memory: QueueMemory) {
    this.memory = memory;
    this.getting = new GetWait(memory, this.gate);
  }

  /**
   * Puts an item behind all others; resolves once it is there for everybody, also after the death of this process.
   *
   * The item is serialised at the call: what happens to it later does not matter. An item that cannot be is refused
   * and takes no space.
   * @throws {QueueFull} ERR_QUEUE_FULL when no space came free within `timeout` milliseconds
   * @throws {QueueShutDown} ERR_QUEUE_SHUT_DOWN when the queue was shut down, before or meanwhile
   * @throws {CodecError} ERR_NOT_SERIALIZABLE naming the path to the value that cannot travel
   * @throws {IpcError} ERR_QUEUE_CLOSED after {@link close}
   * @throws {SystemError} ENOSPC, ENOMEM when no memory is left for it: nothing was put, the queue works on
   * @throws the signal's reason when cancelled: nothing was put
   *
   * Differs from Python: serialises in the call, not in a thread, so errors are thrown here.
   *
   * Blocks: never without a `maxsize`; else the caller only.
   */
  async put(item: T, options?: WaitOptions): Promise<void> {
    const timeout = timeoutOf(options, "put on the queue");
    const payload = this.serialised(item);
    options?.signal?.throwIfAborted();
    const { words, index } = this.memory.space;
    if (!isWaitedFor(words, index) && this.memory.put(payload)) return;
    if (!(await block(this.putting(payload), timeout, options?.signal))) throw new QueueFull();
  }

  /**
   * As {@link put}, but blocks the thread.
   *
   * Blocks: never without a `maxsize`; else the thread.
   */
  putSync(item: T, options?: SyncWaitOptions): void {
    const timeout = options === undefined ? Number.POSITIVE_INFINITY : timeoutOf(options, "put on the queue");
    const payload = this.serialised(item);
    if (this.memory.put(payload)) return;
    if (!blockSync(this.putting(payload), timeout)) throw new QueueFull();
  }

  /** Puts if there is space; false if not. Throws as {@link put} does. */
  tryPut(item: T): boolean {
    return this.memory.put(this.serialised(item));
  }

  private putting(payload: Uint8Array): PutWait {
    return new PutWait(this.memory, this.gate, this.putSpin, Uint8Array.prototype.slice.call(payload));
  }

  /** Valid until anything else is serialised. */
  private serialised(item: T): Uint8Array {
    refuseIfClosed(this.gate, "put on");
    this.used = true;
    return encodeBriefly(item);
  }

  /**
   * Takes the oldest item.
   *
   * An item that cannot be deserialised here is taken nevertheless, as in Python; the error says what it held.
   * @throws {QueueEmpty} ERR_QUEUE_EMPTY, which is a {@link TimeoutError}, when none came within `timeout` milliseconds
   * @throws {QueueShutDown} ERR_QUEUE_SHUT_DOWN when the queue was shut down and nothing is left
   * @throws {CodecError} ERR_BAD_MESSAGE when the item needs a class that is not registered here
   * @throws {IpcError} ERR_QUEUE_CLOSED after {@link close}
   * @throws the signal's reason when cancelled: no item was taken
   *
   * Blocks: the caller only; the event loop goes on, and the wait by itself keeps no process alive.
   */
  async get(options?: WaitOptions): Promise<T> {
    const timeout = timeoutOf(options, "get from the queue");
    refuseIfClosed(this.gate, "get from");
    return this.received(await block(this.getting, timeout, options?.signal));
  }

  /**
   * As {@link get}, but blocks the thread.
   *
   * Blocks: the thread.
   */
  getSync(options?: SyncWaitOptions): T {
    const timeout = options === undefined ? Number.POSITIVE_INFINITY : timeoutOf(options, "get from the queue");
    refuseIfClosed(this.gate, "get from");
    return this.received(this.getting.attempt(false) ?? blockSync(this.getting, timeout));
  }

  /**
   * Takes the oldest item if there is one, else returns undefined. Where items may be undefined themselves,
   * getNoWait tells the two apart. Throws as {@link get} does.
   */
  tryGet(): T | undefined {
    refuseIfClosed(this.gate, "get from");
    const item = this.getting.attempt(false);
    return item && this.received(item);
  }

  private received(item: Message | undefined): T {
    if (item === undefined) throw new QueueEmpty();
    return valueOf(item) as T;
  }

  /**
   * Whether nothing is there to get at this moment.
   * @throws {IpcError} ERR_QUEUE_CLOSED when this queue was used for putting and then closed
   */
  empty(): boolean {
    if (this.used) refuseIfClosed(this.gate, "look into");
    return this.memory.size() === 0;
  }

  /**
   * This wrapper puts and gets no more; others, also in this process, go on. What was put stays to be taken. Waits
   * under way here end with ERR_QUEUE_CLOSED. Closing twice is fine.
   */
  close(): void {
    if (this.gate.closed) return;
    this.gate.closed = true;
    this.memory.alarm();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Takes items until the queue is shut down and empty, or closed here. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      let item: T;
      try {
        item = await this.get();
      } catch (error) {
        if ((error instanceof IpcError || error instanceof QueueShutDown) && END.has(error.code)) return;
        throw error;
      }
      yield item;
    }
  }

  toString(): string {
    return `<${this.constructor.name}(${this.memory.size()} items${this.gate.closed ? ", closed" : ""})>`;
  }

  [inspect.custom](_depth: number, _options: InspectOptions): string {
    return this.toString();
  }
}

/** The handle by which a queue travels. */
export function handleOf(queue: QueueBase<unknown>): SegmentHandle {
  return (queue as unknown as { memory: QueueMemory }).memory.handle();
}

/** The memory that a packed handle names. */
export function memoryAt(handle: unknown): QueueMemory {
  return QueueMemory.open(handle as SegmentHandle);
}

blockingCalls("Queue", QueueBase.prototype, { putSync: ["put", 1], getSync: ["get", 0] });
