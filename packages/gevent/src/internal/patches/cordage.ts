/** The calls of `@cordage` packages that block the thread, of those that are loaded, and those that will be. */
import { eachBlockingCall } from "@cordage/ipc/sys";
import { wait } from "../../wait.js";
import { type Patched, patch } from "./patch.js";

export function patchCordage(): Patched[] {
  const all: Patched[] = [];
  const stop = eachBlockingCall(({ name, holder, blocking, asynchronous }) => {
    const of = name.slice(0, Math.max(name.lastIndexOf("."), 0));
    const one = patch(of, holder, blocking, function (this: typeof holder, ...args) {
      return wait(this[asynchronous]!(...args));
    });
    if (one) all.push(one);
  });
  all.push({ name: "", undo: stop });
  return all;
}
