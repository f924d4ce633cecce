/** Memory behind a file of shared memory, taken at once, so that touching it later cannot fail. */
import { constants, freemem } from "node:os";
import { checked, systemError } from "./checked.js";
import { native } from "./native.js";

/** Below this nobody need ask first. */
const SMALL = 1024 * 1024;

/**
 * Backs `size` bytes with memory, the first ones or those from `offset` on.
 * @throws {SystemError} ENOMEM, ENOSPC
 *
 * The kernel does not refuse more than there is: fallocate(2) on a tmpfs without a limit goes on until the OOM killer
 * ends processes, and not this one, because pages of a file count for nobody. So more than is free is refused here.
 */
export function backWithMemory(fd: number, size: number, doing: string, offset = 0): void {
  if (size > SMALL && size > freemem()) throw systemError(-constants.errno.ENOMEM, "fallocate", doing);
  checked(native.allocate(fd, offset, size), "fallocate", doing);
}
