/** The programs of CPython's test_generators, which it has as doctests. */
import { type Coroutine, coroutine, StopIteration } from "@cordage/coroutine";
import { seeded } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { conjoin, flatConjoin, Knights, queens } from "../support/conjoin.js";
import { endOf, expectEnded, thrownBy } from "../support/coroutines.js";

type Numbers = Generator<number, void, unknown>;
type Stream = Coroutine<number, void, unknown>;

const range = coroutine(function* (n: number): Numbers {
  for (let i = 0; i < n; i++) yield i;
});

const take = <T>(from: { next(): T }, count: number): T[] => Array.from({ length: count }, () => from.next());

describe("51 the tutorial", () => {
  // 51 __test__.tut
  test("falling off the end and return stop a coroutine, for good", () => {
    const f = coroutine(function* (stop: boolean): Numbers {
      yield 1;
      if (stop) return;
      yield 2;
    });
    for (const stop of [false, true]) {
      const one = f(stop);
      expect(take(one, stop ? 1 : 2)).toEqual(stop ? [1] : [1, 2]);
      endOf(() => one.next());
      expectEnded(one);
    }
  });

  // 51 __test__.tut, 52 __test__.pep
  test("return is not caught, an error is, also a StopIteration", () => {
    const none: number[] = [];
    const returns = coroutine(function* (): Numbers {
      try {
        if (none.length === 0) return;
        yield 0;
      } catch {
        yield 1;
      }
    });
    const throws = coroutine(function* (): Numbers {
      try {
        throw new StopIteration();
      } catch {
        yield 42;
      }
    });
    expect([[...returns()], [...throws()]]).toEqual([[], [42]]);
  });

  // 51 __test__.tut
  test("a yield in the finally of a return is delivered", () => {
    const f = coroutine(function* (): Numbers {
      try {
        return;
      } finally {
        yield 1;
      }
    });
    expect([...f()]).toEqual([1]);
  });

  // 51 __test__.tut
  test("a coroutine returns to whoever resumed it last", () => {
    const log: string[] = [];
    const creator = () => {
      const r = range(5);
      log.push(`creator ${r.next()}`);
      return r;
    };
    for (const i of creator()) log.push(`caller ${i}`);
    expect(log).toEqual(["creator 0", "caller 1", "caller 2", "caller 3", "caller 4"]);
  });

  // 51 __test__.tut
  test("coroutines loop over others", () => {
    const zrange = coroutine(function* (n: number): Numbers {
      for (const i of range(n)) yield i;
    });
    expect([...zrange(5)]).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("52 PEP 255", () => {
  // 52 __test__.pep
  test("an error comes out of next(), and the coroutine is finished", () => {
    const f = coroutine(function* (): Numbers {
      yield (null as unknown as number[]).length;
      yield 42;
    });
    const one = f();
    expect(thrownBy(() => one.next())).toBeInstanceOf(TypeError);
    expectEnded(one);
  });

  // 52 __test__.pep
  test("try, catch and finally around yields do as around anything", () => {
    const f = coroutine(function* (): Numbers {
      try {
        yield 1;
        try {
          yield 2;
          throw new RangeError("1/0");
        } catch (error) {
          yield 4;
          yield 5;
          throw error;
        }
      } catch {
        yield 8;
      }
      yield 9;
      try {
        void 12;
      } finally {
        yield 10;
      }
      yield 11;
    });
    expect([...f()]).toEqual([1, 2, 4, 5, 8, 9, 10, 11]);
  });

  type Tree = { label: string; left?: Tree; right?: Tree } | undefined;
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const tree = (labels: string): Tree => {
    const middle = labels.length >> 1;
    if (labels === "") return undefined;
    return { label: labels[middle]!, left: tree(labels.slice(0, middle)), right: tree(labels.slice(middle + 1)) };
  };

  // 52 __test__.pep
  test("a tree is walked in order by coroutines that call themselves", () => {
    const inOrder = coroutine(function* (node: Tree): Generator<string, void, unknown> {
      if (!node) return;
      yield* inOrder(node.left);
      yield node.label;
      yield* inOrder(node.right);
    });
    expect([...inOrder(tree(letters))].join("")).toBe(letters);
  });

  // 52 __test__.pep
  test("a tree is walked in order by one coroutine with a stack", () => {
    const inOrder = coroutine(function* (root: Tree): Generator<string, void, unknown> {
      const stack: Tree[] = [];
      for (let node = root; node || stack.length > 0; ) {
        for (; node; node = node.left) stack.push(node);
        node = stack.pop()!;
        yield node.label;
        node = node.right;
      }
    });
    expect([...inOrder(tree(letters))].join("")).toBe(letters);
  });
});

describe("what people sent", () => {
  // __test__.email
  test("a bare yield gives undefined", () => {
    const f = coroutine(function* (): Generator<undefined, void, unknown> {
      for (let i = 0; i < 3; i++) yield;
    });
    expect([...f()]).toEqual([undefined, undefined, undefined]);
  });

  // __test__.email
  test("combinations are generated recursively", () => {
    const combinations = coroutine(function* (from: number[], k: number): Generator<number[], void, unknown> {
      if (k > from.length) return;
      if (k === 0) yield [];
      else {
        const [first, ...rest] = from as [number, ...number[]];
        for (const one of combinations(rest, k - 1)) yield [first, ...one];
        yield* combinations(rest, k);
      }
    });
    const all = (k: number) => [...combinations([1, 2, 3, 4], k)].map((one) => one.join(""));
    expect([0, 1, 2, 3, 4, 5].map(all)).toEqual([
      [""],
      ["1", "2", "3", "4"],
      ["12", "13", "14", "23", "24", "34"],
      ["123", "124", "134", "234"],
      ["1234"],
      [],
    ]);
  });

  /** David Eppstein's: a set finds its root by asking its parent's coroutine, once it has a parent. */
  class DisjointSet {
    parent: DisjointSet | undefined;
    private readonly roots: Coroutine<DisjointSet, void, unknown>;

    constructor(readonly name: string) {
      this.roots = this.generate();
    }

    readonly generate = coroutine(function* (this: DisjointSet): Generator<DisjointSet, void, unknown> {
      while (!this.parent) yield this;
      yield* this.parent.roots;
    });

    find(): DisjointSet {
      return this.roots.next();
    }
  }

  // __test__.email
  test("disjoint sets find their roots, whatever the order of their unions", () => {
    const below = seeded(42);
    const sets = [..."ABCDEFGHIJKLM"].map((name) => new DisjointSet(name));
    const roots = [...sets];
    while (roots.length > 1) {
      const [merged] = roots.splice(below(roots.length), 1);
      merged!.parent = roots[below(roots.length)]!;
      for (const one of sets) expect(one.find()).toBe(rootOf(one));
    }
    expect(new Set(sets.map((one) => one.find()))).toEqual(new Set(roots));
  });

  function rootOf(set: DisjointSet): DisjointSet {
    return set.parent ? rootOf(set.parent) : set;
  }
});

describe("54 the streams", () => {
  const from = coroutine(function* (i: number): Numbers {
    for (; ; i++) yield i;
  });
  const times = coroutine(function* (n: number, stream: Iterable<number>): Numbers {
    for (const i of stream) yield n * i;
  });
  /** Two rising streams as one, what is in both once. */
  const merge = coroutine(function* (g: Stream, h: Stream): Numbers {
    for (let [a, b] = [g.next(), h.next()]; ; ) {
      const least = Math.min(a, b);
      yield least;
      if (a === least) a = g.next();
      if (b === least) b = h.next();
    }
  });

  const hamming = [
    [1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24],
    [25, 27, 30, 32, 36, 40, 45, 48, 50, 54, 60, 64, 72, 75, 80],
    [81, 90, 96, 100, 108, 120, 125, 128, 135, 144, 150, 160, 162, 180, 192],
    [200, 216, 225, 240, 243, 250, 256, 270, 288, 300, 320, 324, 360, 375, 384],
    [400, 405, 432, 450, 480, 486, 500, 512, 540, 576, 600, 625, 640, 648, 675],
  ];
  const fibonacci = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584];

  // 54 __test__.fun
  test("pass through each other", () => {
    const excluding = coroutine(function* (n: number, stream: Stream): Numbers {
      for (const i of stream) if (i % n !== 0) yield i;
    });
    expect(take(from(5), 7)).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(take(excluding(3, from(1)), 6)).toEqual([1, 2, 4, 5, 7, 8]);
    expect(take(times(10, from(1)), 10)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  });

  // 54 __test__.fun
  test("are a sieve of Eratosthenes, when each prime adds one", () => {
    const sieve = coroutine(function* (stream: Stream): Numbers {
      const prime = stream.next();
      yield prime;
      const rest = coroutine(function* (): Numbers {
        for (const i of stream) if (i % prime !== 0) yield i;
      });
      yield* sieve(rest());
    });
    expect(take(sieve(from(2)), 20)).toEqual([
      2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71,
    ]);
  });

  // 54 __test__.fun
  test("are Hamming's numbers, when each asks three others like itself", () => {
    const m235 = coroutine(function* (): Numbers {
      yield 1;
      yield* merge(merge(times(2, m235()), times(3, m235())), times(5, m235()));
    });
    expect(take(m235(), 45)).toEqual(hamming.slice(0, 3).flat());
  });

  /** Keeps what a stream has given, so that many can read it; the stream may be one of them. */
  class LazyList implements Iterable<number> {
    private readonly soFar: number[] = [];
    constructor(private readonly stream: () => Stream) {}
    private running: Stream | undefined;

    at(i: number): number {
      this.running ??= this.stream();
      while (i >= this.soFar.length) this.soFar.push(this.running.next());
      return this.soFar[i]!;
    }

    readonly read = coroutine(function* (this: LazyList): Numbers {
      for (let i = 0; ; i++) yield this.at(i);
    });

    [Symbol.iterator](): Iterator<number> {
      return this.read()[Symbol.iterator]();
    }
  }

  // 54 __test__.fun
  test("are Hamming's numbers, when a lazy list is read by the stream that fills it", () => {
    const list: LazyList = new LazyList(
      coroutine(function* (): Numbers {
        yield 1;
        yield* merge(merge(times(2, list), times(3, list)), times(5, list));
      }),
    );
    for (const [row, numbers] of hamming.entries())
      expect(numbers.map((_, i) => list.at(15 * row + i))).toEqual(numbers);
  });

  const sum = coroutine(function* (g: Stream, h: Stream): Numbers {
    for (;;) yield g.next() + h.next();
  });

  // 54 __test__.fun
  test("are Fibonacci's numbers, when a lazy list is added to its own tail", () => {
    const list: LazyList = new LazyList(
      coroutine(function* (): Numbers {
        yield 1;
        yield 2;
        const tail = list.read();
        tail.next();
        yield* sum(list.read(), tail);
      }),
    );
    expect(take(list.read(), 17)).toEqual(fibonacci);
  });

  /** Python's itertools.tee: several streams of what one gives. */
  function tee(stream: Stream, count: number): Stream[] {
    const queues: number[][] = Array.from({ length: count }, () => []);
    const one = coroutine(function* (queue: number[]): Numbers {
      for (;;) {
        if (queue.length === 0) {
          const value = stream.next();
          for (const each of queues) each.push(value);
        }
        yield queue.shift()!;
      }
    });
    return queues.map((queue) => one(queue));
  }

  // 54 __test__.fun
  test("run after their own tails with tee", () => {
    const m235 = coroutine(function* (): Numbers {
      yield 1;
      yield* merge(times(2, m2!), merge(times(3, m3!), times(5, m5!)));
    });
    const [m2, m3, m5, result] = tee(m235(), 4);
    expect(take(result!, 75)).toEqual(hamming.flat());

    const fib = coroutine(function* (): Numbers {
      yield 1;
      yield 2;
      tail!.next();
      yield* sum(head!, tail!);
    });
    const [head, tail, fibs] = tee(fib(), 3);
    expect(take(fibs!, 17)).toEqual(fibonacci);
  });
});

describe.each([
  { name: "conjoin", solve: conjoin },
  { name: "conjoin without recursion", solve: flatConjoin },
])("56 $name", ({ solve }) => {
  // 56 __test__.conjoin
  test("gives every combination, in order", () => {
    const bits = (n: number) => [...solve(new Array(n).fill(() => [0, 1]))];
    const copies: string[] = [];
    for (const values of solve(new Array(3).fill(() => [0, 1]))) copies.push(values.join(""));
    expect(copies).toEqual(["000", "001", "010", "011", "100", "101", "110", "111"]);
    for (let n = 1; n < 10; n++) expect(bits(n)).toHaveLength(2 ** n);
  });

  // 56 __test__.conjoin
  test("places eight queens in 92 ways", () => {
    const solutions: string[] = [];
    for (const columns of solve(queens(8))) solutions.push(columns.join(""));
    expect(solutions.slice(0, 2)).toEqual(["04752613", "05726314"]);
    expect(solutions).toHaveLength(92);
  });

  // 56 __test__.conjoin
  test("finds the first two knight's tours of a board of 10 by 10", () => {
    const tours: number[][] = [];
    for (const tour of solve(new Knights(10, 10).moves)) if (tours.push([...tour]) === 2) break;
    expect(tours.map((tour) => boardOf(tour))).toEqual(BOARDS);
  });
});

/** For each square in turn: which move comes there. */
function boardOf(tour: number[]): string {
  const board = new Array(tour.length).fill(0);
  for (const [move, square] of tour.entries()) board[square] = move + 1;
  return board.join(" ");
}

const BOARDS = [
  `1 58 27 34 3 40 29 10 5 8
26 35 2 57 28 33 4 7 30 11
59 100 73 36 41 56 39 32 9 6
74 25 60 55 72 37 42 49 12 31
61 86 99 76 63 52 47 38 43 50
24 75 62 85 54 71 64 51 48 13
87 98 91 80 77 84 53 46 65 44
90 23 88 95 70 79 68 83 14 17
97 92 21 78 81 94 19 16 45 66
22 89 96 93 20 69 82 67 18 15`,
  `1 58 27 34 3 40 29 10 5 8
26 35 2 57 28 33 4 7 30 11
59 100 73 36 41 56 39 32 9 6
74 25 60 55 72 37 42 49 12 31
61 86 99 76 63 52 47 38 43 50
24 75 62 85 54 71 64 51 48 13
87 98 89 80 77 84 53 46 65 44
90 23 92 95 70 79 68 83 14 17
97 88 21 78 81 94 19 16 45 66
22 91 96 93 20 69 82 67 18 15`,
].map((board) => board.replaceAll("\n", " "));
