/** Blocking-style code without await, on greenlets over Node's own event loop: Python's gevent. */
export { GreenletExit, getCurrent } from "@cordage/greenlet";
export { GeventError, InvalidSwitchError, LoopExit, NotInGreenletError } from "./errors.js";
export * as event from "./event.js";
export { Greenlet, type KillOptions, type LinkTarget, type SpawnCallback } from "./greenlet.js";
export { setLongestHold } from "./internal/held-too-long.js";
export type { Link, Linkable } from "./internal/links.js";
export { type ErrorHandler, setErrorHandler } from "./internal/report.js";
export type { TimeOptions } from "./internal/time.js";
export { local } from "./local.js";
export * as lock from "./lock.js";
export * as pool from "./pool.js";
export * as queue from "./queue.js";
export { run } from "./run.js";
export { idle, sleep } from "./sleep.js";
export { type JoinAllOptions, joinAll, kill, killAll, spawn, spawnLater, spawnRaw } from "./spawn.js";
export { Timeout, type TimeoutError, withTimeout } from "./timeout.js";
export { iwait, type WaitOptions, wait } from "./wait.js";
