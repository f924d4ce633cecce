/** Those who wait for something that a shared object will hand out, in the order in which they came. */
import type { Caller, GiveUp, Party } from "./caller.js";

interface Place<T> {
  readonly caller: Caller;
  readonly brought: unknown;
  settle(value: T | undefined): void;
  fail(reason: unknown): void;
}

export class WaitingLine<T> {
  private readonly places = new Set<Place<T>>();

  get length(): number {
    return this.places.size;
  }

  /**
   * Waits for `next`: what it hands out, or undefined after `timeout` milliseconds.
   * @param gaveUp runs if the caller gives up or is lost meanwhile; then the promise never settles
   * @param brought what the caller has with it
   */
  wait(caller: Caller, timeout: number, gaveUp?: GiveUp, brought?: unknown): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const leave = () => {
        this.places.delete(place);
        clearTimeout(timer);
        stay();
      };
      const place: Place<T> = {
        caller,
        brought,
        settle(value) {
          leave();
          resolve(value);
        },
        fail(reason) {
          leave();
          reject(reason);
        },
      };
      const stay = caller.onGiveUp((lost) => {
        leave();
        return gaveUp?.(lost);
      });
      this.places.add(place);
      if (timeout !== Number.POSITIVE_INFINITY) timer = setTimeout(() => place.settle(undefined), clamped(timeout));
    });
  }

  /** Whoever waits longest, and what it has brought. */
  first(): { readonly caller: Caller; readonly brought: unknown } | undefined {
    const [place] = this.places;
    return place;
  }

  /** Hands `value` to whoever waits longest; whether somebody did. */
  next(value: T): boolean {
    const [place] = this.places;
    place?.settle(value);
    return place !== undefined;
  }

  /** Hands `value` to everybody of one party; to how many. */
  nextOf(party: Party, value: T): number {
    const theirs = [...this.places].filter((place) => place.caller.party === party);
    for (const place of theirs) place.settle(value);
    return theirs.length;
  }

  failAll(reason: () => unknown): void {
    for (const place of [...this.places]) place.fail(reason());
  }
}

/** Longest delay of a timer of Node. */
const LONGEST_DELAY = 2 ** 31 - 1;

function clamped(timeout: number): number {
  return Math.min(Math.max(timeout, 0), LONGEST_DELAY);
}
