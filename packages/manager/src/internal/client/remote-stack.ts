/** Errors that came from the server. */
import { types } from "node:util";
import type { ParsedAddress } from "@cordage/ipc/sys";
import { RemoteError } from "../../errors.js";
import { shownAddress } from "../target.js";

/** Gives an error the stack that it had in the server as its cause. */
export function withRemoteStack(error: unknown, address: ParsedAddress): unknown {
  if (!types.isNativeError(error)) return error;
  const where = `in the manager at ${shownAddress(address)}`;
  const stack = typeof error.stack === "string" ? error.stack : String(error);
  const own = Object.hasOwn(error, "cause") ? { cause: error.cause } : undefined;
  const cause = new RemoteError(`the call failed ${where}`, `RemoteError: ${where}\n${stack}`, own);
  Object.defineProperty(error, "cause", { value: cause, writable: true, configurable: true });
  return error;
}
