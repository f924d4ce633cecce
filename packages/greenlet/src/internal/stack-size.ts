/** How large the stack of a greenlet is. */
import { GreenletError } from "../errors.js";

const DEFAULT = 256 * 1024;
export const LEAST = 128 * 1024;
export const MOST = 1024 ** 3;
/** The largest page of the systems that we know. A size is rounded up to whole ones. */
const PAGE = 64 * 1024;

/** In bytes. @throws {GreenletError} ERR_INVALID_STACK_SIZE */
export function stackSize(): number {
  const wanted = process.env.CORDAGE_GREENLET_STACK_SIZE;
  if (!wanted) return DEFAULT;
  const size = /^\d+$/.test(wanted) ? Number(wanted) : Number.NaN;
  if (!(size >= LEAST && size <= MOST))
    throw new GreenletError(
      "ERR_INVALID_STACK_SIZE",
      `cannot give greenlets their stacks: CORDAGE_GREENLET_STACK_SIZE must be ${LEAST} to ${MOST} bytes, received ${JSON.stringify(wanted)}`,
    );
  return Math.ceil(size / PAGE) * PAGE;
}
