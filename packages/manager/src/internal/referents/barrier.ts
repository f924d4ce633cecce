/** Barrier of a manager. */
import { BrokenBarrierError } from "@cordage/ipc";
import { integerOf, timeoutOf } from "@cordage/ipc/sys";
import type { Caller } from "../server/caller.js";
import { WaitingLine } from "../server/waiting-line.js";
import { builtIn, type Referent } from "./built-in.js";

const WAITING = "wait for the barrier";
const MOST = 2 ** 22 - 1;

/**
 *   filling -> (acting, while the action runs) -> filling, with a new line          broken -> filling, by reset()
 *
 * A party that gives up breaks the barrier; one that is lost after it came (it died, or its connection did) is counted as
 * if it lived.
 */
export class BarrierReferent implements Referent {
  private waiting = new WaitingLine<number>();
  private came = 0;
  private acting = false;
  private isBroken = false;

  constructor(
    private readonly size: number,
    private readonly standard: number,
    private readonly action: (() => unknown) | undefined,
  ) {}

  async wait(caller: Caller, options?: { timeout?: number }): Promise<number> {
    const given = timeoutOf(options, WAITING);
    const timeout = options?.timeout === undefined ? this.standard : given;
    if (this.isBroken || this.acting) throw broken();
    const rank = this.came++;
    if (this.came === this.size) return this.release(rank);
    const { waiting } = this;
    const got = await waiting.wait(caller, timeout, (lost) => lost || this.breakUp(waiting));
    if (got !== undefined) return rank;
    this.breakUp(waiting);
    throw broken();
  }

  /** The last party to come runs the action; then all go. */
  private async release(rank: number): Promise<number> {
    const { waiting } = this;
    if (this.action) await this.act(this.action, waiting);
    if (waiting !== this.waiting || this.isBroken) throw broken();
    this.renew();
    while (waiting.next(rank));
    return rank;
  }

  private async act(action: () => unknown, waiting: WaitingLine<number>): Promise<void> {
    this.acting = true;
    try {
      await action();
    } catch (error) {
      this.breakUp(waiting);
      throw error;
    } finally {
      if (waiting === this.waiting) this.acting = false;
    }
  }

  private renew(): void {
    this.waiting = new WaitingLine();
    this.came = 0;
    this.acting = false;
  }

  private breakUp(waiting: WaitingLine<number>): void {
    if (waiting !== this.waiting) return;
    this.isBroken = true;
    this.came = 0;
    waiting.failAll(broken);
  }

  reset(_caller?: Caller): void {
    const { waiting } = this;
    this.renew();
    this.isBroken = false;
    waiting.failAll(broken);
  }

  abort(_caller?: Caller): void {
    this.breakUp(this.waiting);
  }

  parties(_caller?: Caller): number {
    return this.size;
  }

  nWaiting(_caller?: Caller): number {
    return this.waiting.length;
  }

  broken(_caller?: Caller): boolean {
    return this.isBroken;
  }

  toText(_caller: Caller): string {
    return this.isBroken ? "<Barrier broken>" : `<Barrier waiters=${this.waiting.length}/${this.size}>`;
  }

  value(): unknown {
    return { parties: this.size, waiting: this.waiting.length, broken: this.isBroken };
  }
}

function broken(): BrokenBarrierError {
  return new BrokenBarrierError("cannot wait for the barrier: it is broken");
}

export const barrier = builtIn<BarrierReferent>({
  typeid: "Barrier",
  exposed: ["wait", "reset", "abort", "parties", "nWaiting", "broken", "toText"],
  make(host, [size, options = {}]) {
    const parties = integerOf(size, "the number of parties", "create a barrier", 1, MOST);
    const action = options.action === undefined ? undefined : host.allowed(options.action);
    return new BarrierReferent(parties, timeoutOf(options, "create a barrier"), action as (() => unknown) | undefined);
  },
});
