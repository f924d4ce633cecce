/** What must not run on whatever thread a greenlet has. */
import { AsyncResource } from "node:async_hooks";
import { schedule } from "./hub.js";
import { Waiter } from "./waiter.js";

/** Calls a function on the hub, soon, in the asynchronous context of the caller, who waits. If he is interrupted before, it is not called. */
export function onHub<T>(doing: string, fn: () => T): T {
  const waiter = new Waiter<T>(doing);
  const bound = AsyncResource.bind(fn);
  schedule({ run: () => settle(waiter, bound) });
  return waiter.get();
}

function settle<T>(waiter: Waiter<T>, fn: () => T): void {
  if (!waiter.greenlet) return;
  try {
    waiter.endNow(fn());
  } catch (error) {
    waiter.failNow(error);
  }
}
