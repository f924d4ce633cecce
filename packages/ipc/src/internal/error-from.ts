/** What may be thrown into something that waits: an error, or a class of errors. */
import { types } from "node:util";

/** An error itself, or a new one of a class; undefined for what is neither. @throws what the class throws instead of making one */
export function errorFrom(value: unknown): Error | undefined {
  if (value instanceof Error || types.isNativeError(value)) return value; // node:vm has errors of classes of its own
  const isClass = typeof value === "function" && (value === Error || value.prototype instanceof Error);
  return isClass ? new (value as new () => Error)() : undefined;
}
