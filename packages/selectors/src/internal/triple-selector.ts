/** What PollSelector and SelectSelector share: the kernel is told everything at each call. */
import { type Ready, Selector } from "../selector.js";
import type { FileObject, SelectorKey } from "../selector-key.js";
import { Epoll } from "./epoll.js";
import { eventsOf, maskOf } from "./masks.js";

export abstract class TripleSelector<D = any, F extends FileObject = FileObject> extends Selector<D, F> {
  #triples: Int32Array | undefined;
  /** Wakes the event loop; only once somebody waits there. What is ready, poll(2) or select(2) says all the same. */
  #mirror: Epoll | undefined;
  protected readonly showsAll = false;

  /** Fills in what is found, and returns how much that is. `triples`: descriptor, wanted, found. */
  protected abstract call(triples: Int32Array, timeout: number): number;

  protected added(key: SelectorKey<F, D>): void {
    this.#triples = undefined;
    this.#reflect(key);
  }

  protected changed(key: SelectorKey<F, D>): void {
    this.#triples = undefined;
    this.#mirror?.remove(key);
    this.#reflect(key);
  }

  protected removed(key: SelectorKey<F, D>): void {
    this.#triples = undefined;
    this.#mirror?.remove(key);
  }

  /** What epoll refuses is always ready, or closed: the look that every wait begins with finds it. */
  #reflect(key: SelectorKey<F, D>): void {
    try {
      this.#mirror?.add(key, maskOf(key.events));
    } catch {}
  }

  protected look(timeout: number): Ready<F, D>[] {
    const triples = this.#filled();
    const ready: Ready<F, D>[] = [];
    if (this.call(triples, timeout) === 0) {
      // Whoever watches the mirror from outside is not to be woken for nothing again.
      if (this.#mirror?.isShown && this.#mirror.wait(1, 0) > 0) this.falseAlarm();
      return ready;
    }
    let at = 2;
    for (const key of this.byDescriptor.values()) {
      const events = eventsOf(triples[at]!) & key.events;
      if (events !== 0) ready.push([key, events]);
      at += 3;
    }
    return ready;
  }

  #filled(): Int32Array {
    if (this.#triples) return this.#triples;
    this.#triples = new Int32Array(3 * this.byDescriptor.size);
    let at = 0;
    for (const { fd, events } of this.byDescriptor.values()) {
      this.#triples[at] = fd;
      this.#triples[at + 1] = maskOf(events);
      at += 3;
    }
    return this.#triples;
  }

  protected watched(): Epoll {
    if (this.#mirror) return this.#mirror;
    this.#mirror = new Epoll();
    for (const key of this.byDescriptor.values()) this.#reflect(key);
    return this.#mirror;
  }

  /** Perhaps by what was closed here and is still open elsewhere: without that, the mirror sleeps again. */
  protected override falseAlarm(): void {
    const mirror = this.watched();
    this.renew(mirror, (key) => mirror.add(key, maskOf(key.events)));
  }

  protected release(): void {
    this.#mirror?.close();
  }
}
