/** The calls of `@cordage` packages that block the thread, of those that are loaded, and those that will be. */
import { type BlockingCall, eachBlockingCall } from "@cordage/ipc/sys";
import { wait } from "../../wait.js";
import { type Patched, patch } from "./patch.js";

export function patchCordage(): Patched[] {
  const all: Patched[] = [];
  const stop = eachBlockingCall((call) => {
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
  { asynchronous, options, attempt }: BlockingCall,
  args: unknown[],
): unknown {
  if (attempt !== undefined && one[attempt]!()) return true;
  if (options < 0) return wait(one[asynchronous]!(...args));
  const controller = new AbortController();
  const all = Array.from({ length: Math.max(args.length, options + 1) }, (_, i) => args[i]);
  all[options] = { ...(all[options] as object | undefined), signal: controller.signal };
  try {
    return wait(one[asynchronous]!(...all));
  } finally {
    controller.abort();
  }
}
