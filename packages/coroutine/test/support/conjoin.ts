/** The backtracking programs of CPython's test_generators, over coroutines. */
import { coroutine } from "@cordage/coroutine";

type Choices = () => Iterable<number>;

/** Every combination of choices; what may be chosen can depend on what has been. Gives the same array each time. */
export const conjoin = coroutine(function* (choices: Choices[]): Generator<number[], void, unknown> {
  const values: number[] = new Array(choices.length).fill(0);
  const level = coroutine(function* (i: number): Generator<number[], void, unknown> {
    if (i === choices.length) yield values;
    else
      for (const value of choices[i]!()) {
        values[i] = value;
        yield* level(i + 1);
      }
  });
  yield* level(0);
});

/** The same without recursion: each level has its coroutine, which is resumed by hand. */
export const flatConjoin = coroutine(function* (choices: Choices[]): Generator<number[], void, unknown> {
  const values: number[] = new Array(choices.length).fill(0);
  const open: Iterator<number>[] = [];
  for (;;) {
    if (open.length === choices.length) yield values;
    else open.push(choices[open.length]!()[Symbol.iterator]());
    for (; open.length > 0; open.pop()) {
      const { done, value } = open.at(-1)!.next();
      if (done) continue;
      values[open.length - 1] = value;
      break;
    }
    if (open.length === 0) return;
  }
});

/** For each row of the board: the columns that are still free. */
export function queens(n: number): Choices[] {
  let used = 0n;
  return Array.from({ length: n }, (_, row) =>
    coroutine(function* (): Generator<number, void, unknown> {
      for (let column = 0; column < n; column++) {
        const uses = linesOf(n, row, column);
        if (used & uses) continue;
        used |= uses;
        yield column;
        used &= ~uses;
      }
    }),
  );
}

/** A bit for the column and for each of the two diagonals. */
function linesOf(n: number, row: number, column: number): bigint {
  const lines = [column, n + row - column + n - 1, n + 2 * n - 1 + row + column];
  return lines.reduce((bits, line) => bits | (1n << BigInt(line)), 0n);
}

const JUMPS = [
  [1, 2],
  [2, 1],
  [2, -1],
  [1, -2],
  [-1, -2],
  [-2, -1],
  [-2, 1],
  [-1, 2],
] as const;

/** A knight's tour over the whole board and back to the corner where it began. */
export class Knights {
  /** Of each square: those that the knight can still go to from there. */
  private readonly exits: number[][];
  private last = 0;
  /** The square from which it goes home: kept free until then. */
  private final = 0;

  constructor(
    private readonly rows: number,
    private readonly columns: number,
  ) {
    const squares = Array.from({ length: rows * columns }, (_, square) => square);
    this.exits = squares.map((square) => this.jumpsFrom(square));
  }

  get moves(): Choices[] {
    const middle = new Array(this.rows * this.columns - 3).fill(() => this.advance());
    return [() => this.first(), () => this.second(), ...middle, () => this.home()];
  }

  private jumpsFrom(square: number): number[] {
    const [row, column] = [Math.floor(square / this.columns), square % this.columns];
    return JUMPS.map(([down, right]) => [row + down, column + right] as const)
      .filter(([i, j]) => i >= 0 && i < this.rows && j >= 0 && j < this.columns)
      .map(([i, j]) => i * this.columns + j);
  }

  /** False if that leaves a square without an exit, or two with only one. */
  private leave(square: number): boolean {
    const left = this.exits[square]!.map((next) => {
      const exits = this.exits[next]!;
      exits.splice(exits.indexOf(square), 1);
      return exits.length;
    });
    return !left.includes(0) && left.filter((exits) => exits === 1).length < 2;
  }

  private comeBack(square: number): void {
    for (const next of this.exits[square]!) this.exits[next]!.push(square);
  }

  private readonly first = coroutine(function* (this: Knights): Generator<number, void, unknown> {
    this.leave(0);
    this.last = 0;
    yield 0;
    this.comeBack(0);
  });

  /** Of the corner's two neighbours one is the second square, the other one the last. */
  private readonly second = coroutine(function* (this: Knights): Generator<number, void, unknown> {
    const neighbours = [this.columns + 2, 2 * this.columns + 1] as const;
    for (const [square, final] of [neighbours, neighbours.toReversed() as [number, number]]) {
      this.final = final;
      this.leave(square);
      this.exits[final]!.push(0);
      this.last = square;
      yield square;
      this.exits[final]!.pop();
      this.comeBack(square);
    }
  });

  private readonly advance = coroutine(function* (this: Knights): Generator<number, void, unknown> {
    for (const square of this.candidates()) {
      if (square === this.final) continue;
      if (this.leave(square)) {
        this.last = square;
        yield square;
      }
      this.comeBack(square);
    }
  });

  private readonly home = coroutine(function* (this: Knights): Generator<number, void, unknown> {
    yield this.final;
  });

  /** Those with the fewest exits first; one with a single exit has to be taken. */
  private candidates(): number[] {
    const exitsOf = (square: number) => this.exits[square]!.length;
    const next = this.exits[this.last]!;
    const forced = next.find((square) => exitsOf(square) === 1);
    if (forced !== undefined) return [forced];
    return next.toSorted((a, b) => exitsOf(a) - exitsOf(b) || a - b);
  }
}
