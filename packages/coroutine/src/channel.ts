/** Channels: values that one task hands to another. */
import { Fifo, integerOf } from "@cordage/ipc/sys";
import { Effect, type Pending, type Waiter } from "./effect.js";
import { ChannelClosedError } from "./errors.js";
import type { Fiber } from "./internal/fiber.js";
import { Line, Place } from "./internal/line.js";

const MOST = 2 ** 30;

/**
 * Hands values from task to task, each to one taker. With no capacity, a put waits for its take (a rendezvous); otherwise as
 * many values as that wait in the channel.
 *
 * Guarantees: values arrive in the order in which they were put; whoever waits longest is first; a task that is cancelled while it
 * waits has put, or taken, nothing; no value is lost: a closed channel is emptied first, and a put that comes to
 * nothing has its value in the error.
 *
 * @example
 * const lines = new Channel<string>();
 * spawn: for (const line of text) yield* lines.put(line); lines.close();
 * taker: for (let next = yield* lines.next(); !next.done; next = yield* lines.next()) print(next.value);
 *
 * Source: Hoare, Communicating Sequential Processes (1978); Go's channels.
 */
export class Channel<T> {
  /** How many values may wait in it; Infinity: any number. */
  readonly capacity: number;
  readonly #values = new Fifo<T>();
  /** INVARIANT: takers wait only while it is empty, putters only while it is full. */
  readonly #takers = new Line<Taker<T>>();
  readonly #putters = new Line<Putter<T>>();
  #closed = false;

  /** @param capacity 0 to 2^30, or Infinity. @throws {RangeError} ERR_OUT_OF_RANGE, @throws {TypeError} ERR_INVALID_ARG_TYPE */
  constructor(capacity = 0) {
    if (capacity !== Number.POSITIVE_INFINITY) integerOf(capacity, "capacity", "make a channel", 0, MOST);
    this.capacity = capacity;
  }

  /** Values that wait in it. */
  get length(): number {
    return this.#values.length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** An effect: hands a value over, once there is room. @throws {ChannelClosedError} ERR_CHANNEL_CLOSED, with the value as `item` */
  put(value: T): Effect<void> {
    return new Put(this, value);
  }

  /** An effect: the next value, once there is one. @throws {ChannelClosedError} ERR_CHANNEL_CLOSED once it is closed and empty */
  take(): Effect<T> {
    return new Take(this, false) as Effect<T>;
  }

  /** As {@link take}, but says `done` when it is closed and empty. */
  next(): Effect<IteratorResult<T, undefined>> {
    return new Take(this, true) as Effect<IteratorResult<T, undefined>>;
  }

  /** Puts a value if nobody has to wait for that; whether it did. From anywhere. @throws {ChannelClosedError} */
  tryPut(value: T): boolean {
    return this.putFor(undefined, value);
  }

  /** @internal As {@link tryPut} for a task that may wait here already, with another case of a `select`: it does not meet itself. */
  putFor(fiber: Fiber | undefined, value: T): boolean {
    if (this.#closed) throw new ChannelClosedError("put into", value);
    const taker = this.#takers.shift(fiber);
    if (taker) taker.give(value);
    else if (this.#values.length < this.capacity) this.#values.push(value);
    else return false;
    return true;
  }

  /** The next value if one is there, or somebody waits to put one. From anywhere. */
  tryTake(): { value: T } | undefined {
    return this.hasValueFor(undefined) ? { value: this.takeFor(undefined) } : undefined;
  }

  /** @internal Whether a take of this task need not wait. */
  hasValueFor(fiber: Fiber | undefined): boolean {
    return this.#values.length > 0 || this.#putters.firstExcept(fiber) !== undefined;
  }

  /** @internal If `hasValueFor`. */
  takeFor(fiber: Fiber | undefined): T {
    const putter = this.#putters.shift(fiber);
    if (this.#values.length === 0) return putter!.taken();
    const value = this.#values.shift() as T;
    if (putter) this.#values.push(putter.taken());
    return value;
  }

  /** Nothing is put any more; what is there can be taken. Puts that wait fail. Again: nothing. */
  close(): void {
    this.#closed = true;
    for (let putter = this.#putters.shift(); putter; putter = this.#putters.shift()) putter.refuse();
    for (let taker = this.#takers.shift(); taker; taker = this.#takers.shift()) taker.end();
  }

  /** @internal For the effects. */
  waitToPut(putter: Putter<T>): Pending {
    return this.#putters.add(putter);
  }

  /** @internal */
  waitToTake(taker: Taker<T>): Pending {
    return this.#takers.add(taker);
  }

  toString(): string {
    return `<Channel ${this.length}/${this.capacity}${this.#closed ? ", closed" : ""}>`;
  }
}

class Put<T> extends Effect<void> {
  constructor(
    private readonly channel: Channel<T>,
    private readonly value: T,
  ) {
    super();
  }

  begin(waiter: Waiter): Pending | undefined {
    if (!this.channel.putFor(waiter.fiber, this.value)) return this.channel.waitToPut(new Putter(waiter, this.value));
    waiter.settle(undefined);
    return undefined;
  }
}

class Putter<T> extends Place implements Pending {
  constructor(
    waiter: Waiter,
    private readonly value: T,
  ) {
    super(waiter);
  }

  taken(): T {
    this.waiter.settle(undefined);
    return this.value;
  }

  refuse(): void {
    this.waiter.fail(new ChannelClosedError("put into", this.value));
  }

  override toString(): string {
    return "putting into a channel";
  }
}

class Take<T> extends Effect<T | IteratorResult<T, undefined>> {
  constructor(
    private readonly channel: Channel<T>,
    private readonly asResult: boolean,
  ) {
    super();
  }

  begin(waiter: Waiter): Pending | undefined {
    const { channel, asResult } = this;
    if (channel.hasValueFor(waiter.fiber)) {
      const value = channel.takeFor(waiter.fiber);
      waiter.settle(asResult ? { done: false, value } : value);
      return undefined;
    }
    const taker = new Taker<T>(waiter, asResult);
    if (!channel.closed) return channel.waitToTake(taker);
    taker.end();
    return undefined;
  }
}

class Taker<T> extends Place implements Pending {
  constructor(
    waiter: Waiter,
    private readonly asResult: boolean,
  ) {
    super(waiter);
  }

  give(value: T): void {
    this.waiter.settle(this.asResult ? { done: false, value } : value);
  }

  end(): void {
    if (this.asResult) this.waiter.settle({ done: true, value: undefined });
    else this.waiter.fail(new ChannelClosedError("take from"));
  }

  override toString(): string {
    return "taking from a channel";
  }
}
