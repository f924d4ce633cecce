/** What several tests need. */
import { type Program, Scheduler, TestClock } from "@cordage/coroutine";

/** Runs a program to its end, where an hour takes no time. */
export function inVirtualTime<R>(program: () => Program<R>): Promise<R> {
  return new Scheduler({ clock: new TestClock() }).runUntilComplete(program);
}

export const code = (value: string) => ({ code: value });
