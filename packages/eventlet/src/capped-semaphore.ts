/** A semaphore whose releases wait, too. */
import type { TimeOptions } from "@cordage/gevent";
import { checkTime, inTime, Line, Waiter } from "@cordage/gevent/sys";
import { integerOf } from "@cordage/ipc/sys";

const MAKING = "make a semaphore";
const ACQUIRING = "acquire a semaphore";
const RELEASING = "release a semaphore";

/**
 * A number of permits from 0 to a limit: `acquire` waits for one to be there, `release` waits for room. With a limit of 0 they meet. Both are fair.
 *
 * INVARIANT: whoever waits in `acquire` waits because no permit is there and nobody waits in `release`; the same the other way round.
 *
 * Safe from: the owning thread. Source: eventlet.semaphore.CappedSemaphore.
 */
export class CappedSemaphore {
  #count: number;
  readonly #limit: number;
  readonly #acquiring = new Line<Waiter<void>>();
  readonly #releasing = new Line<Waiter<void>>();

  /**
   * @param count permits at first, from 0 to the limit
   * @param limit the most permits, from 0
   * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
   */
  constructor(count: number, limit: number) {
    this.#limit = integerOf(limit, "limit", MAKING, 0, Number.MAX_SAFE_INTEGER);
    this.#count = integerOf(count, "count", MAKING, 0, this.#limit);
  }

  /** Whether an `acquire` would have to wait. */
  locked(): boolean {
    return this.#count === 0 && this.#releasing.length === 0;
  }

  /** Whether a `release` would have to wait. */
  bounded(): boolean {
    return this.#count >= this.#limit && this.#acquiring.length === 0;
  }

  /**
   * How far it is from being half full, doubled: the permits, those included that somebody waits to give, less those that somebody waits for, less the
   * room that is left then.
   */
  get balance(): number {
    const net = this.#count + this.#releasing.length - this.#acquiring.length;
    return 2 * net - this.#limit;
  }

  /** Takes a permit: true; false if none was there in time. Blocks: the greenthread. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait */
  acquire(options?: TimeOptions): boolean {
    checkTime(options, ACQUIRING);
    return this.tryAcquire() || this.#wait(this.#acquiring, options, ACQUIRING, () => this.#giveBack());
  }

  /** Takes a permit if one is there. */
  tryAcquire(): boolean {
    if (this.locked()) return false;
    if (this.#releasing.length > 0 && this.#count <= this.#limit) this.#releasing.next().end();
    else this.#count--;
    return true;
  }

  /** Gives a permit: true; false if there was no room for it in time. Blocks: the greenthread. @throws {NotInGreenletError} ERR_NOT_IN_GREENLET if it would have to wait */
  release(options?: TimeOptions): boolean {
    checkTime(options, RELEASING);
    // A permit that somebody has taken from here cannot be had back: an interrupted release has released it then.
    return this.tryRelease() || this.#wait(this.#releasing, options, RELEASING, () => undefined);
  }

  /** Gives a permit if there is room for it. */
  tryRelease(): boolean {
    if (this.bounded()) return false;
    this.#giveBack();
    return true;
  }

  /** Also where there is no room: whoever was given a permit, and is interrupted, cannot wait for some. */
  #giveBack(): void {
    if (this.#acquiring.length > 0) this.#acquiring.next().end();
    else this.#count++;
  }

  #wait(line: Line<Waiter<void>>, options: TimeOptions | undefined, doing: string, undo: () => void): boolean {
    const waiter = new Waiter<void>(doing);
    line.join(waiter);
    let isDone = false;
    try {
      isDone = inTime(waiter, options, doing);
      return isDone;
    } finally {
      if (!isDone && !line.leave(waiter)) undo();
    }
  }

  /** As {@link acquire} without an end; at the end of a block it is released, which may wait: `using held = semaphore.hold()`. */
  hold(): Disposable {
    this.acquire();
    return { [Symbol.dispose]: () => void this.release() };
  }

  toString(): string {
    return `<CappedSemaphore ${this.#count} of ${this.#limit}, balance ${this.balance}>`;
  }
}
