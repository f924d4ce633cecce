/**
 * A word that waiters sleep on: bit 0 says that somebody may be asleep, the rest is a sequence number. Ringing clears
 * the bit and advances the number, so that nobody falls asleep over it.
 *
 * Ringing wakes one sleeper, though several may sleep behind the one bit. Whoever has slept and succeeds passes the
 * baton: it sets the bit again and, if there is more to have, rings for the next. The sleepers then wake one after
 * the other instead of all for one item. A baton that dies with its bearer is made good by the slices of sleep.
 */
import { wake } from "../waiting.js";

const ASLEEP = 1;
const EVERYBODY = 0x7fffffff;

export class Bell {
  constructor(
    readonly words: Int32Array,
    readonly index: number,
  ) {}

  /** Marks that somebody sleeps; returns the value to sleep on. */
  announce(): number {
    const value = Atomics.load(this.words, this.index);
    if (!(value & ASLEEP)) Atomics.compareExchange(this.words, this.index, value, value | ASLEEP);
    return value | ASLEEP;
  }

  /** Wakes one sleeper, if any was announced. */
  ring(): void {
    if (Atomics.load(this.words, this.index) & ASLEEP) this.clear(1);
  }

  /** Wakes all sleepers that were announced. */
  ringForAll(): void {
    if (Atomics.load(this.words, this.index) & ASLEEP) this.clear(EVERYBODY);
  }

  private clear(count: number): void {
    const value = Atomics.load(this.words, this.index);
    // If it changed meanwhile, another has rung, and the baton reaches everybody.
    if (!(value & ASLEEP) || Atomics.compareExchange(this.words, this.index, value, (value + 1) | 0) !== value) return;
    wake(this.words, this.index, count);
  }

  /** Wakes everybody, announced or not. */
  alarm(): void {
    Atomics.add(this.words, this.index, 2);
    wake(this.words, this.index, EVERYBODY);
  }
}
