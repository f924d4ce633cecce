/** A session's connections and the calls that came over them. */
import { Channel } from "../protocol.js";
import type { Caller, GiveUp } from "./caller.js";
import type { Peer } from "./peer.js";
import type { Session } from "./session.js";

/** A call that is not answered yet. */
export class Call implements Caller {
  private stop: GiveUp | undefined;
  private off: () => void = () => {};
  private waited = false;
  private aborter: AbortController | undefined;
  private leave: () => void = () => {};
  private lost = false;
  over = false;

  constructor(
    readonly id: number,
    readonly party: Session,
    /** The connection that its answer goes to. */
    readonly channel: Channel,
  ) {}

  /** Made only when it is asked for, which may be after the call was over. */
  get signal(): AbortSignal {
    if (!this.aborter) {
      this.aborter = new AbortController();
      if (this.lost) this.aborter.abort();
      else if (!this.over) this.leave = this.party.onEnd(() => this.abort());
    }
    return this.aborter.signal;
  }

  onGiveUp(stop: GiveUp): () => void {
    this.waited = true;
    this.stop = stop;
    this.off = this.party.onEnd(() => stop(true));
    return () => {
      this.stop = undefined;
      this.off();
    };
  }

  /** Nobody waits for it any more, although it goes on. */
  abort(): void {
    this.lost = true;
    this.aborter?.abort();
  }

  /** It was answered, or nobody waits for the answer. */
  end(): void {
    this.over = true;
    this.leave();
  }

  /**
   * Ends its wait, if it can be ended.
   * @returns what to wait for before the call is over; undefined if its outcome is certain already
   */
  giveUp(lost: boolean): { done: unknown } | undefined {
    const { stop } = this;
    if (!stop) return this.waited ? undefined : { done: undefined };
    return { done: stop(lost) };
  }
}

export class Visit {
  calls: Peer | undefined;
  blocking: Peer | undefined;
  readonly pending = new Map<number, Call>();
  /** Messages that have come over `calls`. */
  received = 0;
  /** Up to here they need no attention any more when they come: they came over `blocking` too (OVERTAKE). */
  private overtaken = 0;
  /** `calls` must go on although its client does not read: the other connection waits for what it sends. */
  private hurriedTo = 0;
  /** Answers for `calls`, which is being opened. */
  private owed: Buffer[] = [];
  lingering: NodeJS.Timeout | undefined;

  constructor(readonly session: Session) {}

  get hurried(): boolean {
    return this.hurriedTo > this.received;
  }

  get empty(): boolean {
    return !this.calls && !this.blocking;
  }

  connect(channel: Channel, peer: Peer): void {
    clearTimeout(this.lingering);
    this.drop(channel);
    if (channel === Channel.BLOCKING) this.blocking = peer;
    else {
      this.calls = peer;
      this.received = 0;
      this.overtaken = 0;
      for (const answer of this.owed.splice(0)) peer.wire.send(answer);
    }
  }

  private peerOf(channel: Channel): Peer | undefined {
    return channel === Channel.BLOCKING ? this.blocking : this.calls;
  }

  /**
   * The client has lost the connection, which nobody has told this side: it may be opening the next one. What came over
   * the lost one must not take effect later, as the client's calls failed.
   */
  private drop(channel: Channel): void {
    const lost = this.peerOf(channel);
    if (!lost) return;
    this.disconnect(channel, lost);
    this.giveUp(channel);
    lost.wire.destroy();
  }

  /** The client is opening that one of its connections for promises: what is left of those before is none any more. */
  expect(number: number): void {
    if (this.calls && this.calls.number < number) this.drop(Channel.CALLS);
  }

  /** Whether it was one of the session's. */
  disconnect(channel: Channel, peer: Peer): boolean {
    if (peer !== this.peerOf(channel)) return false;
    if (channel === Channel.BLOCKING) this.blocking = undefined;
    else {
      this.calls = undefined;
      this.hurriedTo = 0;
      this.blocking?.waitNoMore();
    }
    return true;
  }

  /** Calls whose answers can no longer arrive. */
  giveUp(channel: Channel): void {
    for (const call of [...this.pending.values()]) {
      if (call.channel !== channel) continue;
      this.pending.delete(call.id);
      call.end();
      call.giveUp(true);
      call.abort();
    }
  }

  /** Whether the message that has come over `calls` is to be followed: it may have been, when it came over `blocking`. */
  get isNew(): boolean {
    return this.received >= this.overtaken;
  }

  count(): void {
    this.received++;
    this.blocking?.caughtUp();
  }

  /** A message of `calls` has come over `blocking`: whether it is the first time. */
  overtake(connection: number, number: number): boolean {
    if (connection !== this.calls?.number || number <= Math.max(this.received, this.overtaken)) return false;
    this.overtaken = number;
    return true;
  }

  hurry(to: number): void {
    this.hurriedTo = to;
    if (this.hurried) this.calls?.resume();
  }

  /** Sends an answer over its connection. */
  answer(channel: Channel, message: Buffer): void {
    if (this.session.ended) return;
    const peer = this.peerOf(channel);
    if (peer) peer.send(message);
    else if (channel === Channel.CALLS) this.owed.push(Buffer.from(message));
  }
}
