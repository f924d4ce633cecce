/** The lock that goes with a shared value or array. */
import { IpcError, invalidType } from "../errors.js";
import { Lock, RLock } from "../lock.js";

/** The lock for an option: true or absent is a new RLock, false is none, a lock is kept. */
export function lockOf(option: unknown, doing: string): Lock | undefined {
  if (option === undefined || option === null || option === true) return new RLock();
  if (option === false) return undefined;
  if (option instanceof Lock) return option;
  throw invalidType(doing, "lock must be a Lock, an RLock, true or false", option);
}

/** @throws {IpcError} ERR_NO_LOCK when there is none */
export function requireLock(lock: Lock | undefined, what: string): Lock {
  if (lock) return lock;
  throw new IpcError("ERR_NO_LOCK", `cannot get the lock of the ${what}: it was created with lock: false`);
}
