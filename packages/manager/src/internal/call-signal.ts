/**
 * The signal that a caller passes to a method of a registered type, `{ signal }` in its last argument. It cannot travel: in its
 * place the server gives the method one of its own, which aborts when the caller's does, or when the caller is lost.
 */
import { CodecError } from "@cordage/ipc";
import { registerShared } from "@cordage/ipc/sys";
import { ReferenceTransfer } from "./token.js";

/** Stands for the signal in a request. */
class CallSignal {}

type Options = { readonly signal?: unknown };

function isOptions(value: unknown): value is Options {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The signal among a call's arguments, if there is one. */
export function signalAmong(args: readonly unknown[]): AbortSignal | undefined {
  const options = args.at(-1);
  const signal = isOptions(options) ? options.signal : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}

/** The arguments as they travel. */
export function sentArguments(args: unknown[]): unknown[] {
  if (!signalAmong(args)) return args;
  return [...args.slice(0, -1), { ...(args.at(-1) as Options), signal: new CallSignal() }];
}

registerShared<CallSignal>({
  name: "manager.CallSignal",
  cls: CallSignal,
  remote: true,
  pack(_, transfer) {
    if (transfer instanceof ReferenceTransfer) return null;
    throw new CodecError(
      "ERR_NOT_SERIALIZABLE",
      "cannot send the signal of a call: it means something to a server only",
    );
  },
  unpack(_, transfer) {
    if (transfer instanceof ReferenceTransfer) return transfer.signal();
    throw new CodecError("ERR_BAD_MESSAGE", "cannot receive the message: it holds the signal of a call");
  },
});
