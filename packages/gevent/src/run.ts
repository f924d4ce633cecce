/** The way from Node's world into that of greenlets. */
import { invalidType } from "@cordage/ipc/sys";
import { LoopExit } from "./errors.js";
import { Greenlet } from "./greenlet.js";
import { whenStuck } from "./internal/empty-loop.js";
import { interrupt } from "./internal/interrupt.js";

/**
 * Runs a function in a greenlet: within it, and whatever it calls, calls that wait block the greenlet, and nothing else.
 *
 * If the event loop runs empty while the greenlet waits, nothing could ever wake it: it is thrown a {@link LoopExit} there.
 * @returns a promise of what it returns; rejected with what it throws
 *
 * @example await run(() => { sleep(100); return "later"; });
 */
export function run<R>(fn: () => R): Promise<Awaited<R>> {
  if (typeof fn !== "function") return Promise.reject(invalidType("run", "expected a function", fn));
  const greenlet = Greenlet.spawn(fn);
  const leave = whenStuck(() => interrupt(greenlet, new LoopExit()));
  return new Promise((resolve, reject) => {
    greenlet.rawlink(() => {
      leave();
      try {
        resolve(greenlet.get() as Awaited<R>);
      } catch (error) {
        reject(error);
      }
    });
  });
}
