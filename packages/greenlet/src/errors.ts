/** The errors of `@cordage/greenlet`, and the wish to end that is none. */
import { CordageError } from "@cordage/ipc";
import { named } from "@cordage/ipc/sys";

/** A greenlet was used against the rules: `code` says against which. Source: CPython greenlet's `greenlet.error`. */
export class GreenletError extends CordageError {}
named(GreenletError, "GreenletError");

/**
 * Ends a greenlet when it is thrown into it: `finally` blocks run, and the parent is given this object as the result instead of having it
 * thrown. Code that catches errors should let it pass.
 *
 * Source: CPython greenlet's GreenletExit.
 */
export class GreenletExit extends Error {
  constructor(message = "the greenlet is to end", options?: ErrorOptions) {
    super(message, options);
  }
}
named(GreenletExit, "GreenletExit");
