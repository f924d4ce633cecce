/** What a pool tells about itself. */
import type { Core } from "./internal/core.js";
import type { Times } from "./internal/recorder.js";
import type { PoolWorker } from "./internal/worker.js";

/** One worker, at this moment. */
export interface WorkerStats {
  readonly pid: number | undefined;
  readonly name: string;
  readonly state: "starting" | "idle" | "busy" | "ending";
  /** Tasks that it has done. */
  readonly tasks: number;
  /** Milliseconds that it has worked, and the part that they are of its life: 0 to 1. Tasks that still run do not count. */
  readonly busyTime: number;
  readonly utilization: number;
}

/** A pool at this moment. A chunk of a map counts as one task. */
export interface PoolStats {
  readonly state: "running" | "closed" | "terminated" | "broken";
  readonly workers: readonly WorkerStats[];
  /** Tasks that wait in the pool; those that workers have, running ones included. */
  readonly queued: number;
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
  /** Tasks that were given to another worker after the death of theirs. */
  readonly retries: number;
  /** Workers that took the place of others. */
  readonly restarts: number;
  /** From a task's submission to its start, and from its start to its end. */
  readonly waitTime: Times;
  readonly runTime: Times;
  /** Of all workers that there are: 0 to 1. */
  readonly utilization: number;
}

function statsOf(worker: PoolWorker): WorkerStats {
  const state = worker.retiring ? "ending" : !worker.ready ? "starting" : worker.held.size > 0 ? "busy" : "idle";
  const life = performance.now() - worker.startedAt;
  const utilization = Math.min(worker.busy / life, 1);
  const { pid, process, answered, busy } = worker;
  return { pid, name: process.name, state, tasks: answered, busyTime: busy, utilization };
}

export function poolStats(core: Core): PoolStats {
  const workers = [...core.crew.workers].map(statsOf);
  const { completed, failed, retries, waitTime, runTime } = core.recorder;
  let running = 0;
  for (const worker of core.crew.workers) running += worker.held.size;
  const sum = workers.reduce((total, worker) => total + worker.utilization, 0);
  return {
    state: core.state,
    workers,
    queued: core.queued,
    running,
    completed,
    failed,
    retries,
    restarts: core.crew.restarts,
    waitTime,
    runTime,
    utilization: workers.length > 0 ? sum / workers.length : 0,
  };
}
