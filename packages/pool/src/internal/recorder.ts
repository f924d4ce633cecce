/** What a pool counts. */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Task } from "./task.js";

/** Nanoseconds in a millisecond: what histograms of Node hold. */
const NANOSECONDS = 1e6;

/** A distribution of times, in milliseconds. */
export interface Times {
  count: number;
  min: number;
  max: number;
  mean: number;
  stddev: number;
  p50: number;
  p90: number;
  p99: number;
}

export class Recorder {
  completed = 0;
  failed = 0;
  retries = 0;
  private readonly runs = createHistogram();
  private readonly waits = createHistogram();

  /** A worker has answered a task. */
  ran(task: Task, duration: number): void {
    record(this.runs, duration);
    record(this.waits, performance.now() - task.queuedAt - duration);
  }

  get runTime(): Times {
    return summaryOf(this.runs);
  }

  get waitTime(): Times {
    return summaryOf(this.waits);
  }
}

function record(histogram: RecordableHistogram, milliseconds: number): void {
  histogram.record(Math.max(1, Math.round(milliseconds * NANOSECONDS)));
}

function summaryOf(histogram: RecordableHistogram): Times {
  const { count } = histogram;
  if (count === 0) return { count, min: 0, max: 0, mean: 0, stddev: 0, p50: 0, p90: 0, p99: 0 };
  const at = (percent: number) => histogram.percentile(percent) / NANOSECONDS;
  const { min, max, mean, stddev } = histogram;
  return {
    count,
    min: min / NANOSECONDS,
    max: max / NANOSECONDS,
    mean: mean / NANOSECONDS,
    stddev: stddev / NANOSECONDS,
    p50: at(50),
    p90: at(90),
    p99: at(99),
  };
}
