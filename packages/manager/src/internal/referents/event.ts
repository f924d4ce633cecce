/** Event of a manager. */
import { timeoutOf } from "@cordage/ipc/sys";
import type { Caller } from "../server/caller.js";
import { WaitingLine } from "../server/waiting-line.js";
import { builtIn, type Referent } from "./built-in.js";
import { nowOrLater } from "./now-or-later.js";

export class EventReferent implements Referent {
  private flag = false;
  private readonly waiting = new WaitingLine<true>();

  isSet(_caller?: Caller): boolean {
    return this.flag;
  }

  set(_caller?: Caller): void {
    this.flag = true;
    while (this.waiting.next(true));
  }

  clear(_caller?: Caller): void {
    this.flag = false;
  }

  wait(caller: Caller, options?: { timeout?: number }): boolean | Promise<boolean> {
    const timeout = timeoutOf(options, "wait for the event");
    return nowOrLater(this.flag, this.waiting, caller, timeout);
  }

  toText(_caller: Caller): string {
    return `<Event ${this.flag ? "set" : "unset"}>`;
  }

  value(): unknown {
    return this.flag;
  }
}

export const event = builtIn<EventReferent>({
  typeid: "Event",
  exposed: ["isSet", "set", "clear", "wait", "toText"],
  make: () => new EventReferent(),
});
