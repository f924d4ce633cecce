/** Errors that came from the server. */
import { type ParsedAddress, withRemoteStack } from "@cordage/ipc/sys";
import { RemoteError } from "../../errors.js";
import { shownAddress } from "../target.js";

/** Gives an error the stack that it had in the server as its cause. */
export function fromServer(error: unknown, address: ParsedAddress): unknown {
  const where = `in the manager at ${shownAddress(address)}`;
  return withRemoteStack(error, where, (stack, own) => new RemoteError(`the call failed ${where}`, stack, own));
}
