/** A coroutine as the iterator that `yield*` and `for ... of` want. */
import { advance, type Coroutine, raise } from "../coroutine.js";
import { GeneratorExit } from "../errors.js";

export class Delegation<Y, R, S> implements IterableIterator<Y, R, S> {
  constructor(private readonly inner: Coroutine<Y, R, S>) {}

  next(...[value]: [] | [S]): IteratorResult<Y, R> {
    return this.inner[advance](value as S);
  }

  /** An exit closes the inner one, whatever that makes of it, and goes on in the outer one. Source: PEP 380. */
  throw(error: unknown): IteratorResult<Y, R> {
    if (!(error instanceof GeneratorExit)) return this.inner[raise](error);
    this.inner.close();
    throw error;
  }

  return(value?: R): IteratorResult<Y, R> {
    this.inner.close();
    return { done: true, value: value as R };
  }

  /** Iterators can be iterated: what has been taken is not taken again. */
  [Symbol.iterator](): this {
    return this;
  }
}
