/** The errors of tasks. */
import { withRemoteStack } from "@cordage/ipc/sys";
import { RemoteError } from "../errors.js";

/** Gives an error that came from a worker the stack that it had there as its cause. */
export function fromWorker(error: unknown, pid: number | undefined): unknown {
  const where = `in worker ${pid}`;
  return withRemoteStack(error, where, (stack, own) => new RemoteError(`the task failed ${where}`, stack, pid, own));
}
