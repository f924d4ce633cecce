/** Those who wait for the same thing, in the order in which they came; each can be found there when he gives up. */
export class Line<W> {
  private all = new Set<W>();
  /** Kept, because a new one would first go past all who have left: a set has holes where they were. */
  private order = this.all.values();

  get length(): number {
    return this.all.size;
  }

  join(one: W): void {
    this.all.add(one);
  }

  /** Before everybody else. */
  jump(one: W): void {
    this.all = new Set([one, ...this.all]);
    this.order = this.all.values();
  }

  /** False for one who is in line no more. */
  leave(one: W): boolean {
    return this.all.delete(one);
  }

  /** The first, who is in line no more. Not for an empty line. */
  next(): W {
    const first = this.order.next().value!;
    this.all.delete(first);
    return first;
  }
}
