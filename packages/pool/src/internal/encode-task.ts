/** A task's frame: the header and what the worker needs. */
import { encodeBriefly } from "@cordage/ipc/sys";
import { HEADER, writeTask } from "./frames.js";
import type { Task } from "./task.js";

const TO_WORKER = { reserve: HEADER, functions: true };

/**
 * Gives the task its frame, valid until anything else is encoded.
 * @throws {CodecError} ERR_NOT_SERIALIZABLE
 */
export function encodeTask(task: Task, value: unknown): void {
  const frame = encodeBriefly(value, undefined, TO_WORKER);
  writeTask(frame, task.id, task.fn.id, task.kind, 0);
  task.frame = frame;
}
