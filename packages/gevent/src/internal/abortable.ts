/** Waits that an AbortSignal ends. */
import { schedule } from "./hub.js";
import { LONGEST_TIMER } from "./timer.js";
import type { Waiter } from "./waiter.js";

/** Those that a signal is to end: with one listener, because Node warns of more than ten of the same. */
class Audience {
  private readonly waiters = new Set<Waiter<any>>();

  constructor(private readonly signal: AbortSignal) {}

  join(waiter: Waiter<any>): void {
    if (this.waiters.size === 0) this.signal.addEventListener("abort", this.tell);
    this.waiters.add(waiter);
  }

  leave(waiter: Waiter<any>): void {
    this.waiters.delete(waiter);
    if (this.waiters.size === 0) this.signal.removeEventListener("abort", this.tell);
  }

  /** Not at once: whoever aborts goes on first, as everywhere. */
  private readonly tell = (): void => {
    for (const one of this.waiters) schedule({ run: () => one.failNow(this.signal.reason) });
  };
}

const audiences = new WeakMap<AbortSignal, Audience>();

function audienceOf(signal: AbortSignal): Audience {
  const known = audiences.get(signal);
  if (known) return known;
  const made = new Audience(signal);
  audiences.set(signal, made);
  return made;
}

/**
 * Has the signal end the wait with its reason, unless something else has by its turn: so what was given is had, never lost.
 * @throws its reason, at once if it is aborted already
 */
export function abortable<T, R>(waiter: Waiter<T>, signal: AbortSignal, wait: () => R): R {
  signal.throwIfAborted();
  const audience = audienceOf(signal);
  audience.join(waiter);
  try {
    return wait();
  } finally {
    audience.leave(waiter);
  }
}

/** Keeps the event loop while somebody waits who could be told: what aborts the signal may not, as the timer of AbortSignal.timeout(). */
export function holdingTheLoop<R>(wait: () => R): R {
  const hold = setTimeout(() => undefined, LONGEST_TIMER);
  try {
    return wait();
  } finally {
    clearTimeout(hold);
  }
}
