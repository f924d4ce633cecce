/** What the tests of several packages share. Not published. */
export { allGone, endLeftOver, gone } from "./processes.js";
export { type Ended, type How, type Running, run, start } from "./program.js";
export { until } from "./until.js";
