/**
 * Values to bytes and back: data only, whatever the bytes are. What a structured clone keeps is kept; shared objects
 * travel as handles, registered classes keep their class, and functions travel by reference where both sides allow it.
 *
 * Differs from a structured clone: a view sends its own bytes, not the buffer around it; a Buffer stays one; an array
 * sends its items only; URLs and the own properties of errors travel too.
 */
import type { Transfer } from "../shared-type.js";
import { badMessage } from "./bad-message.js";
import { HeapReader } from "./heap-reader.js";
import { HeapWriter } from "./heap-writer.js";
import { isPlain } from "./plain.js";
import { HEAP } from "./tag.js";
import { MAX_RESERVE, pack, unpack } from "./wire.js";

export { MAX_RESERVE };

export interface EncodeOptions {
  /** Bytes to leave free in front of the message, for a header; 0 to 254. What they hold is not defined. */
  reserve?: number;
  /** Lets functions travel, by reference: only to a peer that is ours, such as a child. */
  functions?: boolean;
}

export interface DecodeOptions {
  /** The input is the decoder's from now on: Buffers and typed arrays in the result may be views of it. */
  owned?: boolean;
  /** Accepts references to functions, once {@link resolveReferences} has imported them. */
  functions?: boolean;
}

/**
 * The bytes of a value. They are the caller's and stay valid.
 * @throws {CodecError} ERR_NOT_SERIALIZABLE with the path to the value that cannot travel
 *
 * Blocks: never.
 */
export function encode(value: unknown, transfer?: Transfer, options?: EncodeOptions): Buffer {
  const reserve = options?.reserve ?? 0;
  if (plain(value)) return pack(value, reserve);
  const heap = new HeapWriter(transfer, undefined).write(value);
  const bytes = pack(heap, reserve + 1);
  bytes[reserve] = HEAP;
  return bytes;
}

/** A value that cannot even be looked at is left to the writer, which says where and why. */
function plain(value: unknown): boolean {
  try {
    return isPlain(value);
  } catch {
    return false;
  }
}

/**
 * The value of a message that {@link encode} made.
 * @throws {CodecError} ERR_BAD_MESSAGE when the bytes hold no value, or one that may not be received here
 * @throws {IpcError} ERR_HANDLE_GONE when a shared object in it is gone
 *
 * Blocks: never.
 */
export function decode(bytes: Uint8Array, transfer?: Transfer, options?: DecodeOptions): unknown {
  const owned = options?.owned === true;
  if (bytes[0] !== HEAP) return unpack(bytes, 0, owned);
  const heap = unpack(bytes, 1, owned);
  if (!Array.isArray(heap)) throw badMessage("it has no heap");
  return new HeapReader(heap, transfer, undefined).read();
}
