/** A selector on epoll(7): the kernel keeps the registrations, and a wait costs as much as what is found. */
import { Epoll } from "./internal/epoll.js";
import { eventsOf, maskOf } from "./internal/masks.js";
import { type Ready, Selector } from "./selector.js";
import { type FileObject, registrationOf, type SelectorKey } from "./selector-key.js";

/**
 * Waits with epoll_wait(2). For any number of descriptors; refuses plain files with EPERM.
 *
 * In a forked child it is the parent's: the child closes it and makes its own, as in Python.
 *
 * @throws {IpcError} ERR_UNSUPPORTED_PLATFORM elsewhere than on Linux
 * @throws {SystemError} EMFILE
 */
export class EpollSelector<D = any, F extends FileObject = FileObject> extends Selector<D, F> {
  readonly #epoll = new Epoll();
  protected readonly showsAll = true;

  protected added(key: SelectorKey<F, D>): void {
    this.#epoll.add(key, maskOf(key.events));
  }

  protected changed(key: SelectorKey<F, D>): void {
    this.#epoll.change(key, maskOf(key.events));
  }

  protected removed(key: SelectorKey<F, D>): void {
    this.#epoll.remove(key);
  }

  protected look(timeout: number): Ready<F, D>[] {
    const began = timeout > 0 && timeout < Number.POSITIVE_INFINITY ? performance.now() : 0;
    const count = this.#epoll.wait(this.byDescriptor.size, timeout);
    const { triples } = this.#epoll;
    const ready: Ready<F, D>[] = [];
    let remains = false;
    for (let at = 0; at < 3 * count; at += 3) {
      const key = this.byDescriptor.get(triples[at]!);
      if (key && registrationOf(key) === triples[at + 2]) {
        const events = eventsOf(triples[at + 1]!) & key.events;
        if (events !== 0) ready.push([key, events]);
      } else remains = true;
    }
    if (!remains) return ready;
    this.renew(this.#epoll, (key) => this.added(key));
    // The remains may have crowded out others that are ready.
    return this.look(ready.length > 0 ? 0 : timeout - (performance.now() - began));
  }

  protected watched(): Epoll {
    return this.#epoll;
  }

  protected release(): void {
    this.#epoll.close();
  }
}
