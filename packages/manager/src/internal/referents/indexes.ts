/** Indexes into lists and arrays, as clients send them: JavaScript would cut 1.5 down to 1, Python refuses it. */
import { invalidType, outOfRange } from "@cordage/ipc/sys";

/** @throws {TypeError} ERR_INVALID_ARG_TYPE */
export function wholeIndex(index: unknown, doing: string): number {
  if (typeof index === "number" && Number.isInteger(index)) return index;
  throw invalidType(doing, "an index must be a whole number", index);
}

/**
 * Counted from the start.
 * @param end the last one that there is
 * @throws {RangeError} ERR_OUT_OF_RANGE unless it lies within; {TypeError} ERR_INVALID_ARG_TYPE
 */
export function indexWithin(index: unknown, length: number, doing: string, what: string, end = length - 1): number {
  const whole = wholeIndex(index, doing);
  const at = whole < 0 ? whole + length : whole;
  if (at >= 0 && at <= end) return at;
  throw outOfRange(doing, `the index must lie within the ${what}, which has ${length} items`, index);
}

/** Where a range begins or ends; Infinity is as far as it goes. @throws {TypeError} ERR_INVALID_ARG_TYPE */
export function bound(index: unknown, doing: string): number | undefined {
  if (index === undefined || index === Number.POSITIVE_INFINITY || index === Number.NEGATIVE_INFINITY) return index;
  return wholeIndex(index, doing);
}
