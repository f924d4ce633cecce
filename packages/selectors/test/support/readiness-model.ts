/**
 * What selectors should find, told by a model that knows nothing of the system: pairs of sockets, what is on its way between them,
 * and who is registered for what.
 */
import { EVENT_READ, EVENT_WRITE } from "@cordage/selectors";

interface Side {
  /** Bytes that have come and were not read. */
  unread: number;
  /** It has sent as much as the system takes, and the peer has read none of it. */
  full: boolean;
  /** It has said that it sends nothing more. */
  finished: boolean;
  /** "abandoned": closed, but open elsewhere, so that its peer does not notice. */
  state: "open" | "closed" | "abandoned";
  registered: { events: number; data: number } | undefined;
}

const fresh = (): Side => ({ unread: 0, full: false, finished: false, state: "open", registered: undefined });

/** Sockets 2n and 2n + 1 are connected. */
export class ReadinessModel {
  private readonly sides: Side[];

  constructor(pairs: number) {
    this.sides = Array.from({ length: 2 * pairs }, fresh);
  }

  at(i: number): Side {
    return this.sides[i]!;
  }

  peer(i: number): Side {
    return this.sides[i ^ 1]!;
  }

  isOpen(i: number): boolean {
    return this.at(i).state === "open";
  }

  maySend(i: number): boolean {
    return this.isOpen(i) && !this.at(i).full && !this.at(i).finished && this.peer(i).state !== "closed";
  }

  /** What is full and finished is left out: there poll(2) and select(2) disagree about a connection that has hung up. */
  mayFill(i: number): boolean {
    return this.maySend(i) && !this.peer(i).finished;
  }

  mayFinish(i: number): boolean {
    return this.maySend(i) && !this.peer(i).full;
  }

  send(i: number, bytes: number): void {
    this.peer(i).unread += bytes;
  }

  /** @returns how much has been there */
  drain(i: number): number {
    const { unread } = this.at(i);
    this.at(i).unread = 0;
    this.peer(i).full = false;
    return unread;
  }

  close(i: number, state: "closed" | "abandoned"): void {
    Object.assign(this.at(i), { state, registered: undefined });
    if (state === "closed") this.peer(i).full = false;
  }

  reopen(i: number): void {
    Object.assign(this.at(i), fresh());
    Object.assign(this.peer(i), fresh());
  }

  /** What is ready, as pairs of data and events, by data. */
  ready(): Array<[data: number, events: number]> {
    return this.sides.flatMap(({ registered }, i) => {
      const events = registered ? registered.events & this.readyAt(i) : 0;
      return registered && events !== 0 ? [[registered.data, events] as [number, number]] : [];
    });
  }

  private readyAt(i: number): number {
    const { unread, full } = this.at(i);
    const { state, finished } = this.peer(i);
    const readable = unread > 0 || finished || state === "closed";
    return (readable ? EVENT_READ : 0) | (full ? 0 : EVENT_WRITE);
  }

  registrations(): number[] {
    return this.sides.flatMap(({ registered }) => (registered ? [registered.data] : []));
  }
}
