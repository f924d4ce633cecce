/** What may be thrown into a greenlet. */
import { types } from "node:util";
import { invalidType } from "@cordage/ipc/sys";

/** What is no error ends a greenlet all the same, as a failure. */
export function errorOf(error: unknown): Error {
  if (error instanceof Error || types.isNativeError(error)) return error; // node:vm has errors of classes of its own
  const isClass = typeof error === "function" && (error === Error || error.prototype instanceof Error);
  if (isClass) return new (error as new () => Error)();
  return invalidType("kill a greenlet", "expected an error or a class of errors", error);
}
