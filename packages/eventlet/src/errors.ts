/** The errors of `@cordage/eventlet`. */
import { CordageError } from "@cordage/ipc";
import { named } from "@cordage/ipc/sys";

/** The base of the errors of `@cordage/eventlet`; `code` says what was wrong. */
export class EventletError extends CordageError {}
named(EventletError, "EventletError");

/** Thrown by a handler of `serve`, it ends the server, which returns. Source: eventlet.StopServe. */
export class StopServe extends EventletError {
  constructor(message = "the server is to stop") {
    super("ERR_STOP_SERVE", message);
  }
}
named(StopServe, "StopServe");
