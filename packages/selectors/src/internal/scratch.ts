/** Where bytes are received whose number nobody knows yet: the result is as long as what came, not as what was asked for. */
const SIZE = 1 << 16;
// The global `Buffer` is an accessor, and this is asked for at each receive.
const { allocUnsafe } = Buffer;
let scratch: Buffer | undefined;

/** A buffer of at least `size` bytes; its content lasts until the next call. */
export function scratchOf(size: number): Buffer {
  if (size > SIZE) return Buffer.allocUnsafeSlow(size);
  scratch ??= Buffer.allocUnsafeSlow(SIZE);
  return scratch;
}

/** The first `length` bytes, for the caller to keep. */
export function keep(buffer: Buffer, length: number): Buffer {
  if (buffer !== scratch) return buffer.subarray(0, length);
  const kept = allocUnsafe(length);
  kept.set(length === SIZE ? buffer : buffer.subarray(0, length));
  return kept;
}
