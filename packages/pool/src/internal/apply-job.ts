/** A single call: its one task, and the result that waits for it. */
import { AsyncResult } from "../async-result.js";
import type { Cancellation } from "./cancellation.js";
import type { Job, Task } from "./task.js";

export class ApplyJob implements Job {
  cancellation: Cancellation | undefined;

  constructor(readonly result: AsyncResult<any>) {}

  succeeded(_task: Task, value: unknown): void {
    this.cancellation?.end();
    AsyncResult.succeed(this.result, value);
  }

  failed(_task: Task, error: unknown): void {
    this.cancellation?.end();
    AsyncResult.fail(this.result, error);
  }
}
