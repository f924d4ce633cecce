/** What everything that is acquired and released has in common: the forms for `using`. */
import { TimeoutError } from "../errors.js";
import type { SyncWaitOptions, WaitOptions } from "./options.js";

export abstract class Holdable {
  abstract acquire(options?: WaitOptions): Promise<boolean>;
  abstract acquireSync(options?: SyncWaitOptions): boolean;
  abstract tryAcquire(): boolean;
  abstract release(): void;

  /**
   * Acquires and returns what releases it: `using held = await lock.hold()`. Disposing it twice releases once.
   * @throws {TimeoutError} ERR_TIMEOUT when `timeout` milliseconds have passed first
   */
  async hold(options?: WaitOptions): Promise<Disposable> {
    if (!(await this.acquire(options))) throw timedOut(this);
    return new Held(this);
  }

  /**
   * As {@link hold}, but blocks the thread: `using held = lock.holdSync()` is Python's `with lock:`.
   *
   * Blocks: the thread.
   */
  holdSync(options?: SyncWaitOptions): Disposable {
    if (!this.acquireSync(options)) throw timedOut(this);
    return new Held(this);
  }
}

class Held implements Disposable {
  private open = true;
  constructor(private readonly what: Holdable) {}

  [Symbol.dispose](): void {
    if (!this.open) return;
    this.open = false;
    this.what.release();
  }
}

function timedOut(what: Holdable): TimeoutError {
  return new TimeoutError(`cannot acquire the ${what.constructor.name}: the timeout passed first`);
}
