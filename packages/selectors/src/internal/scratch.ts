/** Where bytes are received whose number nobody knows yet: the result is as long as what came, not as what was asked for. */
import { MSG_TRUNC } from "../constants.js";

const SIZE = 1 << 16;
// The global `Buffer` is an accessor, and this is asked for at each receive.
const { allocUnsafe } = Buffer;
let scratch: Buffer | undefined;

/** A buffer of at least `size` bytes; its content lasts until the next call. */
export function scratchOf(size: number, flags: number): Buffer {
  // The kernel says how much there was, and does not write all of it: nobody else's bytes may be found there.
  if (flags & MSG_TRUNC) return Buffer.alloc(size);
  if (size > SIZE) return Buffer.allocUnsafeSlow(size);
  scratch ??= Buffer.allocUnsafeSlow(SIZE);
  return scratch;
}

/** The first `length` bytes, for the caller to keep: not in a buffer of which most is empty. */
export function keep(buffer: Buffer, length: number): Buffer {
  if (buffer !== scratch && 2 * length >= buffer.length) return buffer.subarray(0, length);
  const kept = allocUnsafe(length);
  kept.set(length === SIZE ? buffer : buffer.subarray(0, length));
  return kept;
}
