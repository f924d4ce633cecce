/** The error for bytes that hold no value. */
import { CodecError } from "../../errors.js";

export function badMessage(reason: string, cause?: unknown): CodecError {
  return new CodecError("ERR_BAD_MESSAGE", `cannot decode the message: ${reason}`, undefined, { cause });
}
