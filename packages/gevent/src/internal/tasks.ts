/** What was put on a queue, and has not been dealt with yet. */
import type { CordageError } from "@cordage/ipc";
import { Event } from "../event.js";
import type { TimeOptions } from "./time.js";

export class Tasks {
  unfinished = 0;
  readonly #finished = new Event();

  /** @param Refusal the class of the error if more is done than there was */
  constructor(private readonly Refusal: new (code: string, message: string) => CordageError) {
    this.#finished.set();
  }

  add(): void {
    this.unfinished++;
    this.#finished.clear();
  }

  /** @throws {CordageError} ERR_TASK_DONE if there is none left */
  done(): void {
    if (this.unfinished === 0)
      throw new this.Refusal("ERR_TASK_DONE", "cannot call taskDone: every item has been dealt with");
    this.unfinished--;
    if (this.unfinished === 0) this.#finished.set();
  }

  /** Waits until there is none left: true; false if the time was up before. Blocks: the greenlet. */
  wait(options: TimeOptions | undefined): boolean {
    return this.#finished.wait(options);
  }
}
