/**
 * The tasks that a worker has, by the numbers that it knows them by: one after the other, in the order in which they were
 * given. A ring of slots, because a Map costs more than the rest of giving a task.
 */
import type { Task } from "./task.js";

export class Held {
  private slots: (Task | undefined)[] = new Array(16).fill(undefined);
  /** The oldest number that may be there, and the next one. */
  private first = 0;
  private next = 0;
  size = 0;

  /** @returns its number, of 32 bits */
  add(task: Task): number {
    if (this.next - this.first === this.slots.length) this.grow();
    this.slots[this.next & (this.slots.length - 1)] = task;
    this.size++;
    return this.next++ >>> 0;
  }

  private grow(): void {
    const slots: (Task | undefined)[] = new Array(this.slots.length * 2).fill(undefined);
    for (let n = this.first; n < this.next; n++)
      slots[n & (slots.length - 1)] = this.slots[n & (this.slots.length - 1)];
    this.slots = slots;
  }

  /** Takes out the task of a number, if it is there. */
  remove(number: number): Task | undefined {
    const at = number & (this.slots.length - 1);
    const task = this.slots[at];
    if (task?.number !== number) return undefined;
    this.slots[at] = undefined;
    this.size--;
    while (this.first < this.next && !this.slots[this.first & (this.slots.length - 1)]) this.first++;
    return task;
  }

  has(task: Task): boolean {
    return this.slots[task.number & (this.slots.length - 1)] === task;
  }

  /** The oldest first. */
  *[Symbol.iterator](): Generator<Task> {
    for (let n = this.first; n < this.next; n++) {
      const task = this.slots[n & (this.slots.length - 1)];
      if (task) yield task;
    }
  }
}
