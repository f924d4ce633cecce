/** Semaphores between the greenthreads of one thread: fair, the first who waits is the first who gets a permit. */
import { lock } from "@cordage/gevent";
import { refuseOverRelease } from "@cordage/gevent/sys";

/**
 * A number of permits, as gevent's, that can tell its balance.
 *
 * Safe from: the owning thread; for other threads and processes there is `Semaphore` of `@cordage/ipc`. Source: eventlet.semaphore.Semaphore.
 */
export class Semaphore extends lock.Semaphore {
  /** Permits that nobody has; negative: how many wait for one. */
  get balance(): number {
    return this.counter - this.waiting;
  }

  /** Whether a `release` would have to wait: never. */
  bounded(): boolean {
    return false;
  }
}

/** One that refuses to have more permits than at first. Source: eventlet.semaphore.BoundedSemaphore. */
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
