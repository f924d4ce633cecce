/** Semaphores and locks between the greenlets of one thread: fair, the first who waits is the first who gets it. */
import type { Greenlet } from "@cordage/greenlet";
import { getCurrent } from "@cordage/greenlet";
import { LockError } from "@cordage/ipc";
import { integerOf } from "@cordage/ipc/sys";
import { Line } from "./internal/line.js";
import { type Link, type Linkable, Links } from "./internal/links.js";
import { refuseOverRelease } from "./internal/over-release.js";
import { checkTime, inTime, type TimeOptions } from "./internal/time.js";
import { Waiter } from "./internal/waiter.js";

/** Released at the end of a block: `using held = lock.hold()`; once. */
class Held implements Disposable {
  private isHeld = true;

  constructor(private readonly lock: { release(): void }) {}

  [Symbol.dispose](): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.lock.release();
  }
}

/**
 * A number of permits. One that is released goes straight to whoever waits longest.
 *
 * Safe from: the owning thread; for other threads and processes there is `Semaphore` of `@cordage/ipc`. Source: gevent.lock.Semaphore.
 */
export class Semaphore implements Linkable {
  #counter: number;
  readonly #waiting = new Line<Waiter<void>>();
  readonly #links = new Links<this>(this);

  /**
   * @param value how many permits there are at first, from 0; default: 1
   * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
   */
  constructor(value = 1) {
    this.#counter = integerOf(value, "value", "make a semaphore", 0, Number.MAX_SAFE_INTEGER);
  }

  /** Permits that nobody has. */
  get counter(): number {
    return this.#counter;
  }

  /** How many greenlets wait for one. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether an `acquire` would have to wait. */
  locked(): boolean {
    return this.#counter === 0;
  }

  ready(): boolean {
    return this.#counter > 0;
  }

  /**
   * Takes a permit: true; false if none was there in time.
   *
   * Blocks: the greenlet. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait
   */
  acquire(options?: TimeOptions): boolean {
    checkTime(options, "acquire a semaphore");
    if (this.tryAcquire()) return true;
    const waiter = new Waiter<void>("acquire a semaphore");
    this.#waiting.join(waiter);
    let isMine = false;
    try {
      isMine = inTime(waiter, options, "acquire a semaphore");
      return isMine;
    } finally {
      if (!isMine) this.#leave(waiter);
    }
  }

  /** Takes a permit if one is there. */
  tryAcquire(): boolean {
    if (this.#counter === 0) return false;
    this.#counter--;
    return true;
  }

  /** Gives a permit back, or one more. */
  release(): void {
    if (this.#waiting.length > 0) {
      this.#waiting.next().end();
      return;
    }
    this.#counter++;
    this.#links.notify();
  }

  /** Whoever gives up passes on what he was given meanwhile. */
  #leave(waiter: Waiter<void>): void {
    if (!this.#waiting.leave(waiter)) this.release();
  }

  /** As {@link acquire} without an end; the permit goes back at the end of a block: `using held = semaphore.hold()`. Disposing it twice releases once. */
  hold(): Disposable {
    this.acquire();
    return new Held(this);
  }

  /** Has a function called once a permit is there, on the hub, where it must not wait. @throws {TypeError} ERR_INVALID_ARG_TYPE */
  rawlink(callback: Link<this>): void {
    this.#links.add(callback);
  }

  unlink(callback: Link<this>): void {
    this.#links.remove((link) => link === callback);
  }
}

/** A semaphore that refuses to have more permits than at first. Source: gevent.lock.BoundedSemaphore. */
export class BoundedSemaphore extends Semaphore {
  readonly #most: number;

  constructor(value = 1) {
    super(value);
    this.#most = value;
  }

  /** @throws {LockError} ERR_SEMAPHORE_OVER_RELEASE */
  override release(): void {
    refuseOverRelease(this.counter, this.#most);
    super.release();
  }
}

/** A lock that its owner may acquire again; released as often, it is free. Source: gevent.lock.RLock. */
export class RLock {
  readonly #lock = new Semaphore(1);
  #owner: Greenlet | undefined;
  #count = 0;

  locked(): boolean {
    return this.#lock.locked();
  }

  /** True; false if it was not free in time. Blocks: the greenlet. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait */
  acquire(options?: TimeOptions): boolean {
    checkTime(options, "acquire a lock");
    return this.#isMine() || this.#take(this.#lock.acquire(options));
  }

  tryAcquire(): boolean {
    return this.#isMine() || this.#take(this.#lock.tryAcquire());
  }

  #isMine(): boolean {
    if (this.#owner !== getCurrent()) return false;
    this.#count++;
    return true;
  }

  #take(acquired: boolean): boolean {
    if (!acquired) return false;
    this.#owner = getCurrent();
    this.#count = 1;
    return true;
  }

  /** @throws {LockError} ERR_LOCK_NOT_HELD, ERR_LOCK_NOT_OWNED */
  release(): void {
    if (this.#count === 0) throw new LockError("ERR_LOCK_NOT_HELD", "cannot release the lock: nobody holds it");
    if (this.#owner !== getCurrent())
      throw new LockError("ERR_LOCK_NOT_OWNED", `cannot release the lock: ${this.#owner} holds it`);
    this.#count--;
    if (this.#count > 0) return;
    this.#owner = undefined;
    this.#lock.release();
  }

  /** As {@link acquire} without an end, until the end of a block: `using held = lock.hold()`. Disposing it twice releases once. */
  hold(): Disposable {
    this.acquire();
    return new Held(this);
  }
}
