/** A bounded semaphore has no more permits than at first. */
import { LockError } from "@cordage/ipc";

/** @throws {LockError} ERR_SEMAPHORE_OVER_RELEASE */
export function refuseOverRelease(counter: number, most: number): void {
  if (counter < most) return;
  throw new LockError("ERR_SEMAPHORE_OVER_RELEASE", `cannot release the semaphore: it has all its permits (${most})`);
}
