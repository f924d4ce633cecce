/** Those who wait for the same thing, in the order in which they came: a doubly linked list whose members can leave anywhere. */

export abstract class Place {
  /** @internal */
  line: Line<this> | undefined = undefined;
  /** @internal */
  before: this | undefined = undefined;
  /** @internal */
  behind: this | undefined = undefined;

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

  shift(): P | undefined {
    const { first } = this;
    if (first) this.remove(first);
    return first;
  }
}
