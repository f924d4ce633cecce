/** What may be thrown into a greenlet. */
import { errorFrom, invalidType } from "@cordage/ipc/sys";

/** An error, or one of a class. What is no error becomes one that says so: where it is to be thrown, nobody could be told otherwise. */
export function errorOf(error: unknown, doing = "kill a greenlet"): Error {
  try {
    return errorFrom(error) ?? invalidType(doing, "what is thrown must be an error or a class of errors", error);
  } catch (failed) {
    return errorOf(failed, doing);
  }
}
