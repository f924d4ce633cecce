/** Errors that were thrown in another process. */
import { types } from "node:util";

/**
 * Gives such an error a cause, made of the stack that it had there and of the cause of its own.
 * @param where for people: "in worker 4711"
 */
export function withRemoteStack(
  error: unknown,
  where: string,
  makeCause: (stack: string, own: ErrorOptions | undefined) => Error,
): unknown {
  if (!types.isNativeError(error)) return error;
  const stack = typeof error.stack === "string" ? error.stack : String(error);
  const own = Object.hasOwn(error, "cause") ? { cause: error.cause } : undefined;
  const value = makeCause(`RemoteError: ${where}\n${stack}`, own);
  Object.defineProperty(error, "cause", { value, writable: true, configurable: true });
  return error;
}
