/** A queue in an array that is used in a circle and grows by doubling. */

export class Fifo<T> {
  private items: Array<T | undefined> = new Array(8);
  private head = 0;
  length = 0;

  /** What `shift` would return. */
  get first(): T | undefined {
    return this.items[this.head];
  }

  push(item: T): void {
    if (this.length === this.items.length) this.grow();
    this.items[(this.head + this.length) & (this.items.length - 1)] = item;
    this.length++;
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head = (this.head + 1) & (this.items.length - 1);
    this.length--;
    return item;
  }

  private grow(): void {
    const { items, head } = this;
    this.items = [...items.slice(head), ...items.slice(0, head), ...new Array(items.length)];
    this.head = 0;
  }
}
