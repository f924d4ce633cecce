/** Errors that nobody waits for: they go to the handler, once each. */
import { inspect } from "node:util";
import { type Greenlet, GreenletExit } from "@cordage/greenlet";
import { invalidType } from "@cordage/ipc/sys";

/** Told of an error that nobody waits for, and whose it is: undefined for a callback of the event loop. */
export type ErrorHandler = (error: unknown, greenlet: Greenlet | undefined) => void;

let handler: ErrorHandler = print;

/**
 * Has a function told of every error that nobody waits for, in place of printing it on stderr.
 * @param to undefined: print again
 * @returns the one before
 * @throws {TypeError} ERR_INVALID_ARG_TYPE
 */
export function setErrorHandler(to: ErrorHandler | undefined): ErrorHandler {
  if (to !== undefined && typeof to !== "function")
    throw invalidType("set the error handler", "expected a function", to);
  const before = handler;
  handler = to ?? print;
  return before;
}

/** Never throws: what a broken handler throws is printed too. */
export function report(greenlet: Greenlet | undefined, error: unknown): void {
  if (error instanceof GreenletExit) return;
  try {
    handler(error, greenlet);
  } catch (another) {
    print(error, greenlet);
    print(another, undefined);
  }
}

function print(error: unknown, greenlet: Greenlet | undefined): void {
  const who = greenlet ? shown(greenlet) : "a callback of the event loop";
  try {
    process.stderr.write(`${shown(error)}\n${new Date().toISOString()} ${who} failed, and nobody waits for it\n`);
  } catch {
    // Without stderr there is nobody left to be told.
  }
}

function shown(error: unknown): string {
  try {
    return inspect(error);
  } catch {
    return "an error that cannot be shown";
  }
}
