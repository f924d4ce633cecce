/** All ways through a run that asks, again and again, which of n possible things comes next: depth first. */
export class Schedules {
  private readonly path: number[];
  private readonly widths: number[] = [];
  private depth = 0;
  /** How many were run. */
  count = 1;

  /** `only`: one schedule, as {@link failure} tells it. */
  constructor(private readonly only?: string) {
    this.path = only ? only.split(".").map(Number) : [];
  }

  readonly choose = (n: number): number => {
    this.widths[this.depth] = n;
    if (this.depth === this.path.length) this.path.push(0);
    return this.path[this.depth++]!;
  };

  /** Prepares the next run; false when that was the last. */
  next(): boolean {
    const { path, widths } = this;
    path.length = this.depth;
    while (path.length > 0 && path.at(-1)! + 1 >= widths[path.length - 1]!) path.pop();
    if (this.only || path.length === 0) return false;
    path[path.length - 1]!++;
    this.depth = 0;
    this.count++;
    return true;
  }

  /** The error of this run, with its schedule. */
  failure(error: unknown): Error {
    const schedule = this.path.slice(0, this.depth).join(".");
    return new Error(`${(error as Error).message}; schedule: ${schedule}`, { cause: error });
  }

  /** Prints and returns how many were run. */
  report(): number {
    process.stderr.write(`explored ${this.count} schedules\n`);
    return this.count;
  }
}
