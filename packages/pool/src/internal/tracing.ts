/**
 * What happens to each task, on channels of node:diagnostics_channel. Costs nothing while nobody listens.
 *
 * The tracing channel `cordage:pool:task` has a task's life: start and end around its submission, asyncStart and
 * asyncEnd around its settlement, error before that if it fails; all with one object, whose `result` is not told.
 */
import { type Channel, channel, tracingChannel } from "node:diagnostics_channel";
import type { Task } from "./task.js";
import type { PoolWorker } from "./worker.js";

/** What is published about a task. */
export interface TaskTrace {
  /** Which pool of this process. */
  readonly pool: number;
  readonly id: number;
  /** The function's name. */
  readonly name: string;
  /** Of the worker that has it, or had it last. */
  pid?: number | undefined;
  /** How often it was given to another worker after the death of one. */
  attempts: number;
  error?: unknown;
}

const life = tracingChannel<unknown, TaskTrace>("cordage:pool:task");
const sent = channel("cordage:pool:task:sent");
const retry = channel("cordage:pool:task:retry");
const workers: Record<"ready" | "end", Channel> = {
  ready: channel("cordage:pool:worker:ready"),
  end: channel("cordage:pool:worker:end"),
};
const traces = new WeakMap<Task, TaskTrace>();

function traceOf(pool: number, task: Task): TaskTrace {
  let trace = traces.get(task);
  if (!trace) {
    trace = { pool, id: task.id, name: task.fn.name, attempts: 0 };
    traces.set(task, trace);
  }
  trace.attempts = task.attempts;
  return trace;
}

function isTraced(): boolean {
  return life.hasSubscribers;
}

export function publishSubmitted(pool: number, task: Task): void {
  if (!isTraced()) return;
  const trace = traceOf(pool, task);
  life.start.publish(trace);
  life.end.publish(trace);
}

export function publishSent(pool: number, task: Task, worker: PoolWorker): void {
  if (!sent.hasSubscribers && !isTraced()) return;
  const trace = traceOf(pool, task);
  trace.pid = worker.pid;
  sent.publish(trace);
}

export function publishRetry(pool: number, task: Task, error: Error): void {
  if (retry.hasSubscribers) retry.publish({ ...traceOf(pool, task), error });
}

export function publishSettled(pool: number, task: Task, failure: { error: unknown } | undefined): void {
  if (!isTraced()) return;
  const trace = traceOf(pool, task);
  if (failure) {
    trace.error = failure.error;
    life.error.publish(trace);
  }
  life.asyncStart.publish(trace);
  life.asyncEnd.publish(trace);
}

export function publishWorker(what: "ready" | "end", pool: number, worker: PoolWorker): void {
  if (!workers[what].hasSubscribers) return;
  const { exitcode } = worker.process;
  workers[what].publish({ pool, pid: worker.pid, name: worker.process.name, exitcode });
}
