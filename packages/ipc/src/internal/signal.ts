/** Errors that say no more than that something is over: an end, a limit, a wish. */

/** Has no stack: it is an answer or a wish, no failure, and taking a stack costs as much as twenty calls. */
export class Signal extends Error {
  constructor(message: string) {
    const limit = Error.stackTraceLimit;
    Reflect.set(Error, "stackTraceLimit", 0); // says no, but does not throw, where Error is frozen
    super(message);
    Reflect.set(Error, "stackTraceLimit", limit);
  }
}
