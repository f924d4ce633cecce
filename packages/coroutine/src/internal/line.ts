/** Those who wait for the same thing, in the order in which they came: a doubly linked list whose members can leave anywhere. */
import type { Waiter } from "../effect.js";
import type { Fiber } from "./fiber.js";

export abstract class Place {
  /** @internal */
  line: Line<this> | undefined = undefined;
  /** @internal */
  before: this | undefined = undefined;
  /** @internal */
  behind: this | undefined = undefined;

  constructor(protected readonly waiter: Waiter) {}

  /** @internal */
  isOf(fiber: Fiber | undefined): boolean {
    return this.waiter.fiber === fiber;
  }

  leave(): void {
    this.line?.remove(this);
  }
}

export class Line<P extends Place> {
  first: P | undefined = undefined;
  private last: P | undefined = undefined;
  length = 0;

  add(place: P): P {
    place.line = this;
    place.before = this.last;
    if (this.last) this.last.behind = place;
    else this.first = place;
    this.last = place;
    this.length++;
    return place;
  }

  remove(place: P): void {
    if (place.before) place.before.behind = place.behind;
    else this.first = place.behind;
    if (place.behind) place.behind.before = place.before;
    else this.last = place.before;
    place.line = undefined;
    place.before = undefined;
    place.behind = undefined;
    this.length--;
  }

  /** The one that came first; not one of `fiber`. */
  firstExcept(fiber: Fiber | undefined): P | undefined {
    let place = this.first;
    while (place?.isOf(fiber)) place = place.behind;
    return place;
  }

  shift(except?: Fiber): P | undefined {
    const place = this.firstExcept(except);
    if (place) this.remove(place);
    return place;
  }
}
