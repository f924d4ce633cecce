/** The errors of `@cordage/gevent`. */
import { CordageError } from "@cordage/ipc";
import { named } from "@cordage/ipc/sys";

/** The base of the errors of `@cordage/gevent`; `code` says what was wrong. */
export class GeventError extends CordageError {}
named(GeventError, "GeventError");

/** Nothing is left that could end this wait: the event loop has nothing to do, and every greenlet waits. Source: gevent's LoopExit. */
export class LoopExit extends GeventError {
  constructor(message = "this wait would never end: nothing else is left that could run") {
    super("ERR_LOOP_EXIT", message);
  }
}
named(LoopExit, "LoopExit");

/** A call that waits was made outside of any greenlet, where there is nothing that could be suspended. */
export class NotInGreenletError extends GeventError {
  constructor(doing: string) {
    super("ERR_NOT_IN_GREENLET", `cannot ${doing} here: only a greenlet can wait; call it within run() or spawn()`);
  }
}
named(NotInGreenletError, "NotInGreenletError");

/** Somebody switched to a greenlet that waits for something else. Source: gevent's InvalidSwitchError. */
export class InvalidSwitchError extends GeventError {
  constructor(message: string) {
    super("ERR_INVALID_SWITCH", message);
  }
}
named(InvalidSwitchError, "InvalidSwitchError");
