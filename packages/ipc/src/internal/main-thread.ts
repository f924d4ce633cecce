/** Which thread of the process this is. */
import { isMainThread } from "node:worker_threads";
import { native } from "./native.js";

/** As `isMainThread`, but without node:worker_threads, which takes 5 ms to load with all the streams that it brings along. */
export function onMainThread(): boolean {
  try {
    return native.gettid() === process.pid;
  } catch {
    return isMainThread; // without the native edge
  }
}
