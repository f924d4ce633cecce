/** What calls of a client fail with that is not the server's answer. */
import { ConnectionLostError, ManagerError } from "../../errors.js";
import { shownAddress, type Target } from "../target.js";

/** The connection broke during the call. */
export function lost({ address }: Target, cause: unknown): ConnectionLostError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  const where = shownAddress(address);
  const message = `the connection to the manager at ${where} was lost${reason}; whether the call was carried out is not known`;
  return new ConnectionLostError(message, { cause });
}

export function closed(): ManagerError {
  const reason = "it was shut down, or its connection closed";
  return new ManagerError("ERR_MANAGER_CLOSED", `cannot call the manager: ${reason}`);
}

/** Proxies refer to objects of a server that is not there any more. */
export function restarted({ address }: Target): ManagerError {
  const reason = `another server is at ${shownAddress(address)} now; connect to that one`;
  return new ManagerError("ERR_MANAGER_RESTARTED", `cannot use the shared objects: ${reason}`);
}

export function tooLong(length: number, largest: number): ManagerError {
  const reason = `a message may have ${largest} bytes (maxMessage), and this one has ${length}`;
  return new ManagerError("ERR_MESSAGE_TOO_LONG", `cannot call the manager: ${reason}`);
}
