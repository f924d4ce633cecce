/** Generators with Python's send, throw and close, a scheduler of cooperative tasks, and channels between them. */
export { Channel } from "./channel.js";
export { type Clock, SystemClock, TestClock, type TestClockOptions } from "./clock.js";
export { Coroutine, type CoroutineState, coroutine, primed } from "./coroutine.js";
export { delegate } from "./delegate.js";
export { Effect } from "./effect.js";
export { call } from "./effects/call.js";
export { all, race } from "./effects/several.js";
export { sleep } from "./effects/sleep.js";
export { cancelled, type Immediate, join, spawn } from "./effects/tasks.js";
export { timeout } from "./effects/timeout.js";
export {
  Cancelled,
  ChannelClosedError,
  CoroutineError,
  DeadlockError,
  GeneratorExit,
  StopIteration,
  TaskCancelledError,
} from "./errors.js";
export type { Program } from "./internal/fiber.js";
export type { SpawnOptions } from "./internal/scope.js";
export { Scheduler, type SchedulerOptions } from "./scheduler.js";
export { type Selected, select } from "./select.js";
export { Task } from "./task.js";
export { TaskGroup, taskGroup } from "./task-group.js";
