/**
 * Where bytes are received whose number nobody knows yet: the result is as long as what came, not as what was asked for.
 *
 * What comes over a stream is received in a slab, one behind the other, and is what the caller gets: nothing is copied, and one view is made.
 * A slab is small, because whoever keeps a few bytes keeps all of it. What does not fit, and datagrams, which must not be cut, are received elsewhere
 * and copied.
 */
import { markAsUntransferable } from "node:worker_threads";
import { MSG_TRUNC } from "../constants.js";

const SIZE = 1 << 16;
const SLAB = 1 << 14;
const LEAST_ROOM = 1 << 12;
const ALIGNMENT = 8;
// The global `Buffer` is an accessor, and this is asked for at each receive.
const { allocUnsafe, allocUnsafeSlow } = Buffer;
const nothing = allocUnsafeSlow(0);
let scratch: Buffer | undefined;
let slab = nothing;
let used = 0;
/** Whether the last one filled the room that it had: then the next one is likely to be long too. */
let long = false;

/** How many bytes of at most `size` may be received at {@link place} of the {@link room}; 0: none, take a scratch. */
export function roomFor(size: number): number {
  if (long) return 0;
  if (slab.length - used < LEAST_ROOM) {
    slab = allocUnsafeSlow(SLAB);
    markAsUntransferable(slab.buffer); // it would take away what others have received
    used = 0;
  }
  return Math.min(size, slab.length - used);
}

export const room = (): Buffer => slab;
export const place = (): number => used;

/** The bytes that were received there, for the caller to keep. */
export function taken(length: number, filled: boolean): Buffer {
  const from = used;
  used += (length + ALIGNMENT - 1) & -ALIGNMENT;
  long = filled;
  return length === 0 ? nothing : slab.subarray(from, from + length);
}

/** A buffer of at least `size` bytes; its content lasts until the next call. */
export function scratchOf(size: number, flags: number): Buffer {
  // The kernel says how much there was, and does not write all of it: nobody else's bytes may be found there.
  if (flags & MSG_TRUNC) return Buffer.alloc(size);
  if (size > SIZE) return allocUnsafeSlow(size);
  scratch ??= allocUnsafeSlow(SIZE);
  return scratch;
}

/** The first `length` bytes, for the caller to keep: not in a buffer of which most is empty. */
export function keep(buffer: Buffer, length: number): Buffer {
  long = length >= LEAST_ROOM;
  if (buffer !== scratch && 2 * length >= buffer.length) return buffer.subarray(0, length);
  const kept = allocUnsafe(length);
  kept.set(length === SIZE ? buffer : buffer.subarray(0, length));
  return kept;
}
