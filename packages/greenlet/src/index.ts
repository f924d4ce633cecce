/** Stackful coroutines: ordinary functions that are suspended in the middle of any call. See README.md. */
export { GreenletError, GreenletExit } from "./errors.js";
export { Greenlet, getCurrent, greenlet, type Run } from "./greenlet.js";
export { engine, getTrace, setTrace, type TraceCallback } from "./internal/switching.js";
export { type Statistics, statistics } from "./statistics.js";
