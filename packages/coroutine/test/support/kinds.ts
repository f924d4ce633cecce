/** Python's `yield from`, in each of the ways in which it is written here. */
import { coroutine, delegate } from "@cordage/coroutine";

type Made<Y, R> = Generator<Y, R, any>;

export interface Kind {
  name: string;
  /** What the outer one does with `yield*`, for an inner generator function. */
  from<A extends unknown[], Y, R>(inner: (...args: A) => Made<Y, R>): (...args: A) => Iterable<Y, R, any>;
}

export const kinds: Kind[] = [
  { name: "yield* of a coroutine", from: (inner) => coroutine(inner) },
  {
    name: "yield* delegate(coroutine)",
    from: (inner) => {
      const make = coroutine(inner);
      return (...args) => delegate(make(...args));
    },
  },
  {
    name: "yield* delegate(generator)",
    from:
      (inner) =>
      (...args) =>
        delegate(inner(...args)),
  },
];
