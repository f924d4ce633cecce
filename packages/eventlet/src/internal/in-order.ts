/** Greenthreads whose results are taken in the order in which they were put: by one reader after the other. */
import { lock } from "@cordage/gevent";
import { type GreenThread, heed, type Outcome, outcomeOf } from "../green-thread.js";
import { LightQueue } from "../queue.js";

export class InOrder<R> {
  readonly #threads: LightQueue<GreenThread<R>>;
  readonly #turn = new lock.Semaphore(1);
  /** Kept until it has ended: a reader who is interrupted has taken nothing. */
  #first: GreenThread<R> | undefined;

  /** @param maxsize how many may be put ahead of the reader; absent: no limit */
  constructor(maxsize?: number) {
    this.#threads = new LightQueue(maxsize);
  }

  /** Blocks: the greenthread, while there are too many. */
  put(one: GreenThread<R>): void {
    heed(one);
    this.#threads.put(one);
  }

  /** Gives one to whoever waits for one that will not come. */
  putForWaiting(one: GreenThread<R>): void {
    if (this.#threads.getting() > 0) this.#threads.putNoWait(one);
  }

  /**
   * How the first has ended; undefined if there is none left.
   * @param isLeft asked when it is the caller's turn
   *
   * Blocks: the greenthread. @throws what interrupts the reader
   */
  take(isLeft: () => boolean): Outcome<R> | undefined {
    this.#turn.acquire();
    try {
      if (!isLeft()) return undefined;
      this.#first ??= this.#threads.get();
      const outcome = outcomeOf(this.#first);
      this.#first = undefined;
      return outcome;
    } finally {
      this.#turn.release();
    }
  }
}
