/** The hub and what waits on it: for packages that are built on this one, such as `@cordage/eventlet`. */
import "./index.js"; // so that all entries share one file, see scripts/bundle.mjs

export { answer } from "./internal/answer.js";
export { calledBack } from "./internal/callback.js";
export { endWhenIdle } from "./internal/connections.js";
export { errorOf } from "./internal/error-of.js";
export { type Callback, main, runNow, schedule, suspend } from "./internal/hub.js";
export { interrupt } from "./internal/interrupt.js";
export { Items, LastIn, type Order, Sorted } from "./internal/items.js";
export { Line } from "./internal/line.js";
export { checkOptions } from "./internal/options.js";
export { refuseOverRelease } from "./internal/over-release.js";
export { GETTING, PUTTING, QueueLines } from "./internal/queue-lines.js";
export { report } from "./internal/report.js";
export { beginFromHub, throwFromHub } from "./internal/switch-from-hub.js";
export { Tasks } from "./internal/tasks.js";
export { checkTime, inTime } from "./internal/time.js";
export { LONGEST_TIMER } from "./internal/timer.js";
export { checkedCurrent, hasInterrupted, Waiter } from "./internal/waiter.js";
