/** An explicit name for a function that travels. */
import { invalidType } from "./errors.js";
import { addTask } from "./internal/function-reference.js";

type CallSite = { getFileName(): string | null | undefined };

/** The file of the code that called the function that called this. */
function callerOf(fn: Function): string | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder, fn);
    return (holder.stack as CallSite[])[0]?.getFileName() ?? undefined;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Names a function, so that it can be a target in another process without being exported: for bundled code, for
 * functions made by others, and where the inspector is missing. Call it at the top level of a module; the other
 * process imports that module and gets the function by its name.
 *
 * @param name unique in the program
 * @returns the function itself
 * @throws {TypeError} ERR_INVALID_ARG_TYPE
 * @throws {IpcError} ERR_TASK_REGISTERED when another function has that name
 *
 * @example
 * const double = task("double", makeMultiplier(2));
 *
 * Blocks: never.
 */
export function task<F extends Function>(name: string, fn: F): F {
  const doing = "name the task";
  if (typeof name !== "string" || name === "") throw invalidType(doing, "its name must be a non-empty string", name);
  if (typeof fn !== "function") throw invalidType(doing, "it must be a function", fn);
  addTask(name, fn, callerOf(task));
  return fn;
}
