/** Run by every worker thread of a forked child first, since its fork server has it preloaded. */
import { endWhenLoopIsEmpty } from "./loop-end.js";
import { onMainThread } from "./main-thread.js";

if (!onMainThread()) endWhenLoopIsEmpty(() => process.exit());
