/** A barrier of a manager. */
import type { WaitOptions } from "@cordage/ipc";
import { BaseProxy } from "../proxy.js";
import { waitArguments } from "./acquirable.js";

/**
 * Holds each party until all have come, then all go on, and it starts anew. A wait that times out or is cancelled breaks
 * it; a party that died, or was cut off, after it came is counted.
 *
 * Source: CPython multiprocessing/managers.py BarrierProxy.
 */
export class BarrierProxy extends BaseProxy {
  /**
   * @returns the party's number, from 0: each of a round has another one
   * @throws {BrokenBarrierError} ERR_BROKEN_BARRIER
   */
  wait(options?: WaitOptions): Promise<number> {
    return this.call("wait", waitArguments(options), options);
  }

  /** Makes it as new; who waits gets a BrokenBarrierError. */
  reset(): Promise<void> {
    return this.call("reset");
  }

  /** Breaks it. */
  abort(): Promise<void> {
    return this.call("abort");
  }

  parties(): Promise<number> {
    return this.call("parties");
  }

  nWaiting(): Promise<number> {
    return this.call("nWaiting");
  }

  broken(): Promise<boolean> {
    return this.call("broken");
  }

  toText(): Promise<string> {
    return this.call("toText");
  }
}
