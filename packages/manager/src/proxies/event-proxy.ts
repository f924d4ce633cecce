/** An event of a manager. */
import type { WaitOptions } from "@cordage/ipc";
import { BaseProxy } from "../proxy.js";
import { waitArguments } from "./acquirable.js";

/** A flag that can be waited for. Source: CPython multiprocessing/managers.py EventProxy. */
export class EventProxy extends BaseProxy {
  isSet(): Promise<boolean> {
    return this.call("isSet");
  }

  /** Lets everybody go who waits, and who will. */
  set(): Promise<void> {
    return this.call("set");
  }

  clear(): Promise<void> {
    return this.call("clear");
  }

  /** `true` once it is set; `false` when `timeout` milliseconds have passed first. */
  wait(options?: WaitOptions): Promise<boolean> {
    return this.call("wait", waitArguments(options), options);
  }

  toText(): Promise<string> {
    return this.call("toText");
  }
}
