/**
 * How messages lie in a byte stream: CPython's multiprocessing.connection, plus descriptors.
 *
 *   length >= 0      Int32 BE length, then the message
 *   longer           Int32 BE -1, Int64 BE length, then the message
 *   descriptors      Int32 BE -2, Int32 BE their number, then one of the two above; the descriptors come with the first
 *                    byte of this (SCM_RIGHTS, unix(7))
 */
import { constants } from "node:buffer";

export const LONG = -1;
export const WITH_DESCRIPTORS = -2;
export const LONGEST_SHORT = 0x7fffffff;
/** What one Buffer can hold, and so the longest message. */
export const LONGEST = constants.MAX_LENGTH;
/** As many as one sendmsg(2) of the native edge carries. */
export const MOST_DESCRIPTORS = 64;
export const LONGEST_HEADER = 20;
/** The length of the usual header: whoever makes the message leaves so much room in front of it. */
export const HEADROOM = 4;

/** Writes the header of a message of `length` bytes at the start of `into`; returns the header's own length. */
export function writeHeader(into: Buffer, length: number, descriptors: number): number {
  let at = 0;
  if (descriptors > 0) {
    at = into.writeInt32BE(WITH_DESCRIPTORS, at);
    at = into.writeInt32BE(descriptors, at);
  }
  if (length <= LONGEST_SHORT) return into.writeInt32BE(length, at);
  at = into.writeInt32BE(LONG, at);
  return into.writeBigInt64BE(BigInt(length), at);
}
