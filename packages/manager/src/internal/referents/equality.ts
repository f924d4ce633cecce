/** When two values are the same to a list or set: as Python's `==`, so equal copies of a record are. */
import { isDeepStrictEqual } from "node:util";

export function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || a === null) return a === b || Object.is(a, b);
  return isDeepStrictEqual(a, b);
}
