/** Run by every worker thread of a forked child first, since its fork server has it preloaded. */
import { endWhenLoopIsEmpty } from "./loop-end.js";
import { native } from "./native.js";

const isMainThread = native.gettid() === process.pid; // asking node:worker_threads would load it
if (!isMainThread) endWhenLoopIsEmpty(() => process.exit());
