/** What a client says to a server, as bytes, and the answers that it hears: protocol.ts says which there are. */
import { CodecError } from "@cordage/ipc";
import { decode, encodeBriefly, type Transfer } from "@cordage/ipc/sys";
import { HEADER } from "../frames.js";
import { addressed, CONTROL, type Control, ENVELOPE, type Status } from "../protocol.js";

export type Answer = [status: Status, value: unknown];

const encoding = { reserve: ENVELOPE, shared: false };

/**
 * A call: [ident, method, ...arguments]. The bytes are valid until anything else is encoded; so are those of a control.
 * @throws {CodecError} ERR_NOT_SERIALIZABLE, with the path in the list of arguments
 */
export function requestOf(id: number, call: unknown[], transfer: Transfer): Buffer {
  try {
    return addressed(encodeBriefly(call, transfer, encoding), id);
  } catch (error) {
    throw amongArguments(error);
  }
}

/** The path begins at the call's arguments, not at what is in front of them. */
function amongArguments(error: unknown): unknown {
  if (!(error instanceof CodecError) || error.path === undefined) return error;
  const path = error.path.replace(/^\$\[(\d+)\]/, (_, index) => `$[${index - 2}]`);
  return new CodecError(
    "ERR_NOT_SERIALIZABLE",
    error.message.replace(error.path, () => path),
    path,
    { cause: error.cause },
  );
}

/** Something that has no answer. */
export function controlOf(control: Control): Buffer {
  return addressed(encodeBriefly(control, undefined, encoding), CONTROL);
}

/** A message as it is put into a control: its id and its value. */
export function bodyOf(message: Buffer): Buffer {
  return message.subarray(HEADER);
}

/** `owned`: the bytes are the receiver's, who may keep views of them. */
export function answerIn(bytes: Buffer, transfer: Transfer, owned: boolean): Answer {
  return decode(bytes, transfer, { shared: false, owned }) as Answer;
}
