/** What may be thrown into a greenlet. */
import { types } from "node:util";
import { invalidType } from "@cordage/ipc/sys";

/** An error, or one of a class. What is no error becomes one that says so: where it is to be thrown, nobody could be told otherwise. */
export function errorOf(error: unknown, doing = "kill a greenlet"): Error {
  if (error instanceof Error || types.isNativeError(error)) return error; // node:vm has errors of classes of its own
  const isClass = typeof error === "function" && (error === Error || error.prototype instanceof Error);
  if (!isClass) return invalidType(doing, "what is thrown must be an error or a class of errors", error);
  try {
    return new (error as new () => Error)();
  } catch (failed) {
    return errorOf(failed, doing);
  }
}
