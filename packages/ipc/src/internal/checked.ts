/** Turns the negated errno of a failed native call into a SystemError. */
import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import { SystemError } from "../errors.js";

const { EAGAIN, EINTR, ETIMEDOUT, ESRCH, EPIPE, ECONNRESET, EINPROGRESS, ENOENT, EEXIST, EBADF, EPERM } =
  constants.errno;
/** Errnos as the native edge returns them: negated. */
export const AGAIN = -EAGAIN;
export const INTERRUPTED = -EINTR;
export const TIMED_OUT = -ETIMEDOUT;
export const NO_PROCESS = -ESRCH;
export const BROKEN_PIPE = -EPIPE;
export const RESET = -ECONNRESET;
export const IN_PROGRESS = -EINPROGRESS;
export const NO_ENTRY = -ENOENT;
export const EXISTS = -EEXIST;
export const BAD_DESCRIPTOR = -EBADF;
export const NOT_PERMITTED = -EPERM;

const advice: Partial<Record<string, string>> = {
  EMFILE: "this process has no descriptor left (ulimit -n); close what is not needed or raise the limit",
  ENFILE: "the system has no descriptor left",
  ENOMEM: "out of memory",
  ENOSPC: "no space left",
  EACCES: "permission denied",
  EEXIST: "it exists already",
  ENOENT: "it does not exist",
  EPERM: "not permitted",
  ESRCH: "no such process",
};

/** libuv, whom Node asks, has no name for some, such as ECHILD. */
function nameOf(result: number): string {
  const found = Object.entries(constants.errno).find(([, errno]) => errno === -result);
  return found?.[0] ?? getSystemErrorName(result);
}

/** The error for a negated errno. `doing` completes "cannot ...". */
export function systemError(result: number, syscall: string, doing = `call ${syscall}`): SystemError {
  const code = nameOf(result);
  const reason = advice[code];
  return new SystemError(
    code,
    result,
    syscall,
    `cannot ${doing}: ${syscall} failed with ${code}${reason ? ` (${reason})` : ""}`,
  );
}

/** Passes a result on, or throws the error that it stands for. */
export function checked<T>(result: T | number, syscall: string, doing?: string): T {
  if (typeof result === "number" && result < 0) throw systemError(result, syscall, doing);
  return result as T;
}
