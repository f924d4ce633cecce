/** A task's frame: the header and what the worker needs. */
import { encodeBriefly, encodeQuickly, outbox } from "@cordage/ipc/sys";
import { HEADER, writeTask } from "./frames.js";
import type { Parcels } from "./parcels.js";
import type { Task } from "./task.js";

const TO_WORKER = { reserve: HEADER, functions: true };

/**
 * Gives the task its frame, valid until anything else is encoded. Large bytes go into parcels, unless it may be tried
 * twice: the first worker may change what it gets.
 * @throws {CodecError} ERR_NOT_SERIALIZABLE
 */
export function encodeTask(task: Task, value: unknown, parcels: Parcels): void {
  task.frame = outbox;
  task.length = encodeQuickly(value, HEADER);
  if (task.length < 0) encodeFully(task, value, parcels);
  writeTask(task.frame, task.fn.id, task.kind, 0);
}

function encodeFully(task: Task, value: unknown, parcels: Parcels): void {
  try {
    task.frame = encodeBriefly(value, task.retries > 0 ? undefined : parcels, TO_WORKER);
    task.length = task.frame.length;
    task.parcels = parcels.takePacked();
  } catch (error) {
    task.frame = undefined;
    parcels.unpack();
    throw error;
  }
}
