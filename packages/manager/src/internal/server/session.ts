/** One thread of one process, as the server sees it: what it has, and what it waits for. */
import type { Holder, Party } from "./caller.js";
import type { Entry, ObjectTable } from "./table.js";

/** What another session may adopt. */
type Loan = ReadonlyMap<number, number>;

export class Session implements Party {
  ended = false;
  readonly holders = new Set<Holder>();
  /** How often it was given which object. */
  private readonly references = new Map<number, number>();
  /** Proxies under way to other sessions, by ticket. They are kept as long as this session lasts. */
  private readonly loans = new Map<string, Loan>();
  private readonly stops = new Set<() => unknown>();

  constructor(
    readonly name: string,
    readonly label: string,
    private readonly table: ObjectTable,
    private readonly tickets: Tickets,
  ) {}

  give(entry: Entry, count = 1): void {
    this.references.set(entry.ident, (this.references.get(entry.ident) ?? 0) + count);
    this.table.hold(entry, count);
  }

  release(ident: number, count: number): void {
    const had = this.references.get(ident) ?? 0;
    const lost = Math.min(count, had);
    if (lost === 0) return;
    if (lost === had) this.references.delete(ident);
    else this.references.set(ident, had - lost);
    this.table.letGo(this.table.find(ident), lost);
  }

  lend(ident: number, ticket: string): void {
    this.keep(ticket, new Map([[ident, 1]]));
  }

  lendAll(ticket: string): void {
    this.keep(ticket, new Map([...this.references.keys()].map((ident) => [ident, 1])));
    const heir = this.tickets.heirOf(ticket);
    if (heir && !heir.ended) heir.inherit(ticket);
  }

  private keep(ticket: string, loan: Loan): void {
    if ([...loan.keys()].some((ident) => !this.table.has(ident))) return; // whoever adopts it is told at its first call
    if (!this.tickets.lent(ticket, this)) return;
    this.loans.set(ticket, loan);
    for (const [ident, count] of loan) this.table.hold(this.table.find(ident), count);
  }

  /** @param ticket empty for what the session had before its connection broke */
  adopt(ident: number, ticket: string): void {
    if (ticket !== "" && this.tickets.redeem(ticket, this)) return;
    if (ticket !== "") this.tickets.expect(ticket);
    if (this.table.has(ident)) this.give(this.table.find(ident));
  }

  inherit(ticket: string): void {
    if (!this.tickets.redeem(ticket, this)) this.tickets.expectFor(ticket, this);
  }

  /** Gives what it lent under the ticket to another session. */
  handOver(ticket: string, heir: Session): void {
    const loan = this.loans.get(ticket);
    if (!loan) return;
    this.loans.delete(ticket);
    for (const [ident, count] of loan) {
      const entry = this.table.find(ident);
      heir.give(entry, count);
      this.table.letGo(entry, count);
    }
  }

  /** Runs `stop` when the session ends. Returns what takes that back. */
  onEnd(stop: () => unknown): () => void {
    if (this.ended) stop();
    else this.stops.add(stop);
    return () => this.stops.delete(stop);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const stop of [...this.stops]) stop();
    for (const holder of [...this.holders]) holder.sessionEnded(this);
    for (const [ident, count] of this.references) this.table.letGo(this.table.find(ident), count);
    for (const [ticket, loan] of this.loans) {
      this.tickets.drop(ticket);
      for (const [ident, count] of loan) this.table.letGo(this.table.find(ident), count);
    }
    this.references.clear();
    this.loans.clear();
  }
}

const MOST_EARLY = 10_000;

/**
 * Who lent what is under way.
 *
 *   unknown -> lent -> handed over          unknown -> adopted before it was lent -> lent
 *   unknown -> awaited by a child -> lent -> handed over
 *
 * A receiver that is faster than the sender's own message is given the object all the same: the sender still has it.
 */
export class Tickets {
  private readonly lenders = new Map<string, Session>();
  private readonly early = new Set<string>();
  /** Children that asked for what their parents had before those had lent it. */
  private readonly heirs = new Map<string, Session>();

  /** Whether what was lent must be kept. */
  lent(ticket: string, lender: Session): boolean {
    if (this.early.delete(ticket)) return false;
    this.lenders.set(ticket, lender);
    return true;
  }

  /** Gives the session what was lent under the ticket; false if nothing was yet. */
  redeem(ticket: string, heir: Session): boolean {
    const lender = this.lenders.get(ticket);
    if (!lender) return false;
    this.lenders.delete(ticket);
    lender.handOver(ticket, heir);
    return true;
  }

  /**
   * The ticket was used before it came. What was to be lent by somebody who has died meanwhile never comes: so many are
   * remembered, not more.
   */
  expect(ticket: string): void {
    this.early.add(ticket);
    forgetOldest(this.early);
  }

  expectFor(ticket: string, heir: Session): void {
    this.heirs.set(ticket, heir);
    forgetOldest(this.heirs);
  }

  /** Whoever waits for what is lent under the ticket; once. */
  heirOf(ticket: string): Session | undefined {
    const heir = this.heirs.get(ticket);
    this.heirs.delete(ticket);
    return heir;
  }

  drop(ticket: string): void {
    this.lenders.delete(ticket);
  }
}

/** So many early ones are remembered, not more. */
function forgetOldest(early: Set<string> | Map<string, unknown>): void {
  if (early.size <= MOST_EARLY) return;
  const [oldest] = early.keys();
  early.delete(oldest!);
}
