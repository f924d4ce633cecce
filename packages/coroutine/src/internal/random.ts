/** Random numbers that a seed repeats. Source: mulberry32, Tommy Ettinger. */

export class Random {
  constructor(private state: number) {}

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** The first `count`, in place, each order as likely as any other. Source: Fisher and Yates, Knuth vol. 2, 3.4.2 P. */
  shuffle(items: unknown[], count = items.length): void {
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
  }
}
