/** What several tests need of greenlets. */
import { type Greenlet, getCurrent } from "@cordage/greenlet";

/** As in most of CPython's tests: goes back to whoever gets the result in the end. */
export function toParent(...values: unknown[]): unknown {
  return getCurrent().parent!.switch(...values);
}

export class SomeError extends Error {}

/** Ends one that is suspended, so that no stack is left behind. */
export function end(...greenlets: Greenlet[]): void {
  for (const one of greenlets) {
    one.parent = getCurrent();
    while (!one.dead) one.throw();
  }
}

export const isActive = (one: Greenlet) => one.started && !one.dead;
