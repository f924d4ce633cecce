/** What the proxies of all that is acquired and released have in common. */
import { TimeoutError, type WaitOptions } from "@cordage/ipc";
import { SYNC_METHODS, type SyncMethods } from "../internal/synchronous.js";
import { BaseProxy } from "../proxy.js";

/** The options that travel. */
export function waitArguments(options: WaitOptions | undefined): unknown[] {
  if (options?.timeout === undefined) return [];
  return [{ timeout: options.timeout }];
}

export abstract class AcquirableProxy extends BaseProxy {
  /**
   * Waits until it is the caller's; `false` when `timeout` milliseconds have passed first.
   * @throws the signal's reason when cancelled
   */
  acquire(options?: WaitOptions): Promise<boolean> {
    return this.call("acquire", waitArguments(options), options);
  }

  tryAcquire(): Promise<boolean> {
    return this.call("tryAcquire");
  }

  locked(): Promise<boolean> {
    return this.call("locked");
  }

  /**
   * Acquires it and returns what releases it: `await using held = await lock.hold()`; of `sync`, `using held = lock.sync.hold()`.
   * @throws {TimeoutError} ERR_TIMEOUT when `timeout` milliseconds have passed first
   */
  async hold(options?: WaitOptions): Promise<AsyncDisposable & Disposable> {
    if (!(await this.acquire(options))) throw tooLate(this);
    return new Held(
      () => this.call("release"),
      () => (this.sync as unknown as { release(): void }).release(),
    );
  }

  /** As the server sees it now: who holds it, how many wait. */
  toText(): Promise<string> {
    return this.call("toText");
  }
}

class Held implements AsyncDisposable, Disposable {
  private open = true;

  constructor(
    private readonly release: () => Promise<unknown>,
    private readonly releaseSync: () => void,
  ) {}

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.release();
  }

  [Symbol.dispose](): void {
    if (!this.open) return;
    this.open = false;
    this.releaseSync();
  }
}

function tooLate(what: object): TimeoutError {
  return new TimeoutError(`cannot acquire the ${what.constructor.name.replace("Proxy", "")}: the timeout passed first`);
}

export const acquirableSync: SyncMethods = {
  hold(options?: WaitOptions) {
    if (!this.acquire(...waitArguments(options))) throw tooLate(this);
    return new Held(
      async () => this.release(),
      () => this.release(),
    );
  },
};

Object.defineProperty(AcquirableProxy.prototype, SYNC_METHODS, { value: acquirableSync });
