/** Items that come from what waits, for whoever does not run in a greenlet. */
import type { Greenlet } from "../greenlet.js";
import { spawn } from "../spawn.js";

/** Each step is taken in a greenlet. */
export class ReadInGreenlets<T> implements AsyncIterableIterator<T> {
  readonly #iterator: Iterator<T>;
  #step: Greenlet | undefined;

  constructor(items: Iterable<T>) {
    this.#iterator = items[Symbol.iterator]();
  }

  next(): Promise<IteratorResult<T>> {
    return this.#inGreenlet(() => this.#iterator.next());
  }

  /** Whoever wants no more ends the step that waits. */
  return(): Promise<IteratorResult<T>> {
    const step = this.#step;
    return this.#inGreenlet(() => {
      step?.kill();
      return this.#iterator.return?.() ?? { done: true, value: undefined };
    });
  }

  #inGreenlet<R>(fn: () => R): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#step = spawn(() => {
        try {
          resolve(fn());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
