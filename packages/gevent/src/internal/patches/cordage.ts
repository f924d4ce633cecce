/** The calls of `@cordage` packages that block the thread, of those that are loaded, and those that will be. */
import { type BlockingCall, eachBlockingCall } from "@cordage/ipc/sys";
import { wait } from "../../wait.js";
import { type Patched, patch } from "./patch.js";

/** Which has to have its lock back before it throws, as Python's. */
const HOLDS_AGAIN = "Condition.waitSync";

/** It waits in {@link HOLDS_AGAIN}; so it is the greenlet that looks whether it has to. */
const WAITS_IN_ANOTHER = "Condition.waitForSync";

export function patchCordage(): Patched[] {
  const all: Patched[] = [];
  const stop = eachBlockingCall((call) => {
    if (call.name === WAITS_IN_ANOTHER) return;
    const of = call.name.slice(0, Math.max(call.name.lastIndexOf("."), 0));
    const one = patch(of, call.holder, call.blocking, function (this: BlockingCall["holder"], ...args) {
      return waitInstead(this, call, args);
    });
    if (one) all.push(one);
  });
  all.push({ name: "", undo: stop });
  return all;
}

/** A greenlet that is interrupted takes back what it asked for. */
function waitInstead(
  one: BlockingCall["holder"],
  { name, asynchronous, options, attempt }: BlockingCall,
  args: unknown[],
): unknown {
  if (attempt !== undefined && one[attempt]!()) return true;
  if (options < 0) return wait(one[asynchronous]!(...args));
  const controller = new AbortController();
  const all = Array.from({ length: Math.max(args.length, options + 1) }, (_, i) => args[i]);
  all[options] = { ...(all[options] as object | undefined), signal: controller.signal };
  const done: Promise<unknown> = one[asynchronous]!(...all);
  try {
    return wait(done);
  } catch (error) {
    controller.abort();
    throw name === HOLDS_AGAIN ? onceSettled(done, error) : error;
  }
}

/** Waits to the end, however often it is interrupted. @returns what it was interrupted with last */
function onceSettled(promise: Promise<unknown>, error: unknown): unknown {
  const settled = promise.then(
    () => undefined,
    () => undefined,
  );
  for (let last = error; ; ) {
    try {
      wait(settled);
      return last;
    } catch (later) {
      last = later;
    }
  }
}
