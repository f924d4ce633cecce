/** What is due at a time, the earliest first: a binary heap. Those due at the same time go in the order in which they were set. */

/** Something that is due at a time. */
export interface Timer {
  /** Set by `Timers`. */
  at: number;
  order: number;
  /** Where it is; -1: nowhere. */
  index: number;
  ring(): void;
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

export class Timers {
  private readonly heap: Timer[] = [];
  private set = 0;

  get earliest(): number | undefined {
    return this.heap[0]?.at;
  }

  add(timer: Timer, at: number): void {
    timer.at = at;
    timer.order = this.set++;
    this.heap.push(timer);
    this.rise(timer, this.heap.length - 1);
  }

  remove(timer: Timer): void {
    const { index } = timer;
    if (index < 0) return;
    timer.index = -1;
    const last = this.heap.pop()!;
    if (last === timer) return;
    this.rise(last, index);
    this.sink(last, last.index);
  }

  /** Rings what is due; whether anything was. */
  ring(now: number): boolean {
    let rung = false;
    for (let timer = this.heap[0]; timer && timer.at <= now; timer = this.heap[0]) {
      this.remove(timer);
      timer.ring();
      rung = true;
    }
    return rung;
  }

  private place(timer: Timer, index: number): void {
    this.heap[index] = timer;
    timer.index = index;
  }

  private rise(timer: Timer, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(timer, this.heap[parent]!)) break;
      this.place(this.heap[parent]!, index);
      index = parent;
    }
    this.place(timer, index);
  }

  private sink(timer: Timer, from: number): void {
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child + 1 < this.heap.length && before(this.heap[child + 1]!, this.heap[child]!)) child++;
      if (child >= this.heap.length || !before(this.heap[child]!, timer)) break;
      this.place(this.heap[child]!, index);
      index = child;
    }
    this.place(timer, index);
  }
}
