/** Ends a process, or a thread, when its event loop has nothing left to do, before Node looks; see native/loop.c. */
import { fileURLToPath } from "node:url";
import { native } from "./native.js";

export function endWhenLoopIsEmpty(exit: () => void): void {
  native.onLoopEmpty(() => {
    process.emit("beforeExit", Number(process.exitCode ?? 0));
    // What those listeners began keeps the loop busy, and they are asked again after it, as Node does.
    if (!native.loopAlive()) exit();
  });
}

/** For `--require` on the command line of a process that forks: what it is for its children's worker threads. */
export const workerPreload: string = fileURLToPath(new URL("./worker-preload.cjs", import.meta.url));
