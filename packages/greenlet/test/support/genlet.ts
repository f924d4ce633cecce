/** Generators made of greenlets. Source: `genlet` of test_generator_nested.py of CPython's greenlet. */
import { Greenlet, getCurrent } from "@cordage/greenlet";
import { isActive } from "./greenlets.js";

export class Genlet extends Greenlet implements Iterable<unknown> {
  /** One that yields through this one: it goes on in its place. */
  child: Genlet | undefined;

  /** Not itself: an iterator's throw() would be another one. */
  [Symbol.iterator](): Iterator<unknown> {
    return { next: () => this.next() };
  }

  next(): IteratorResult<unknown> {
    const value = this.child ? innermost(this.child).switch() : this.resume();
    return isActive(this) ? { done: false, value } : { done: true, value: undefined };
  }

  private resume(): unknown {
    this.parent = getCurrent();
    return this.switch();
  }
}

function innermost(first: Genlet): Genlet {
  let one = first;
  while (one.child) {
    const outer = one;
    one = one.child;
    outer.child = undefined;
  }
  return one;
}

export function genlet<A extends unknown[]>(body: (...args: A) => void): (...args: A) => Genlet {
  return (...args) => new Genlet(() => body(...args));
}

/** Yields a value to the loop over the genlet that runs, or so many levels further out. */
export function Yield(value: unknown, level = 1): void {
  let one = getCurrent();
  for (let left = level; left > 0; left--) {
    if (!(one instanceof Genlet)) throw new Error("yield outside of a genlet");
    if (left > 1) (one.parent as Genlet).child = one;
    one = one.parent!;
  }
  one.switch(value);
}
