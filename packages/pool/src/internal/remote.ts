/** The errors of tasks. */
import { types } from "node:util";
import { RemoteError } from "../errors.js";

/** Gives an error that came from a worker the stack that it had there as its cause. */
export function withRemoteStack(error: unknown, pid: number | undefined): unknown {
  if (!types.isNativeError(error)) return error;
  const where = `in worker ${pid}`;
  const stack = typeof error.stack === "string" ? error.stack : String(error);
  const own = Object.hasOwn(error, "cause") ? { cause: error.cause } : undefined;
  const cause = new RemoteError(`the task failed ${where}`, `RemoteError: ${where}\n${stack}`, pid, own);
  Object.defineProperty(error, "cause", { value: cause, writable: true, configurable: true });
  return error;
}
