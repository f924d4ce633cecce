/** Those who wait for the same thing, in the order in which they came; each can be found there when he gives up. */
export class Line<W> {
  private all = new Set<W>();

  get length(): number {
    return this.all.size;
  }

  join(one: W): void {
    this.all.add(one);
  }

  /** Before everybody else. */
  jump(one: W): void {
    this.all = new Set([one, ...this.all]);
  }

  /** False for one who is in line no more. */
  leave(one: W): boolean {
    return this.all.delete(one);
  }

  /** The first, who is in line no more. */
  next(): W {
    const [first] = this.all;
    this.all.delete(first!);
    return first!;
  }
}
