/** The errors of `@cordage/manager`; those that a referent throws keep their own classes. */
import { CordageError, registerClass } from "@cordage/ipc";
import { named } from "@cordage/ipc/sys";

/** The base of the errors of `@cordage/manager`. */
export class ManagerError extends CordageError {}
named(ManagerError, "ManagerError");

/**
 * The server cannot be reached, or the connection to it broke. A call that was under way may have been carried out or
 * not: nobody knows.
 */
export class ConnectionLostError extends ManagerError {
  constructor(message: string, options?: ErrorOptions, code = "ERR_CONNECTION_LOST") {
    super(code, message, options);
  }
}
named(ConnectionLostError, "ConnectionLostError");

/**
 * The `cause` of every error that came from the server: `stack` is as it was there. The cause that the error had of
 * its own is the `cause` of this.
 */
export class RemoteError extends ManagerError {
  constructor(message: string, stack: string, options?: ErrorOptions) {
    super("ERR_REMOTE", message, options);
    Object.defineProperty(this, "stack", { value: stack, writable: true, configurable: true });
  }
}
named(RemoteError, "RemoteError");

for (const cls of [ManagerError, ConnectionLostError, RemoteError])
  registerClass(cls, { name: `manager.${cls.prototype.name}` });
