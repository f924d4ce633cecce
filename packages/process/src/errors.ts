/** The errors of `@cordage/process`. */
import { CordageError, registerClass } from "@cordage/ipc";
import { named } from "@cordage/ipc/sys";

export type ProcessErrorCode =
  | "ERR_PROCESS_STARTED"
  | "ERR_PROCESS_NOT_STARTED"
  | "ERR_PROCESS_RUNNING"
  | "ERR_PROCESS_CLOSED"
  | "ERR_NOT_PARENT"
  | "ERR_DAEMON_CHILDREN"
  | "ERR_START_METHOD"
  | "ERR_START_METHOD_SET"
  | "ERR_FORK_NEEDS_SINGLE_THREAD"
  | "ERR_FORKSERVER"
  | "ERR_FORKED_CHILD"
  | "ERR_SYSTEM_EXIT"
  | "ERR_BOOTSTRAP";

/** A process was used against its rules, or could not be started. */
export class ProcessError extends CordageError {
  declare readonly code: ProcessErrorCode;
  constructor(code: ProcessErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
named(ProcessError, "ProcessError");

/** A child could not get as far as its target: the target was not found, or the main module is not guarded. */
export class BootstrapError extends ProcessError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_BOOTSTRAP", message, options);
  }
}
named(BootstrapError, "BootstrapError");

// A worker may send them to whoever gave it its task.
registerClass(ProcessError, { name: "process.ProcessError" });
registerClass(BootstrapError, { name: "process.BootstrapError" });
