/** The connection for calls that block: opened at the first of them, and again after it was lost. */
import { Operation } from "../protocol.js";
import type { Wire } from "../wire.js";
import type { BlockingChannel } from "./blocking.js";
import { controlOf } from "./messages.js";

export class BlockingSide {
  private channel: BlockingChannel | undefined;
  /** So many messages of the other connection the server was told to wait for, or was told over this one. */
  private awaited = 0;

  constructor(
    private readonly open: () => BlockingChannel,
    /** The error of a call during which it broke. */
    private readonly lost: (cause: unknown) => Error,
  ) {}

  /** Blocks: the thread. @throws as `openBlocking` */
  connect(): void {
    if (this.channel) return;
    this.channel = this.open();
    this.awaited = 0;
  }

  /** @throws {ConnectionLostError} ERR_CONNECTION_LOST */
  send(message: Buffer): void {
    this.guard((channel) => channel.send(message));
  }

  /** Waits for the next message, whose bytes are the caller's. @throws as `send` */
  receive(): Buffer {
    return this.guard((channel) => channel.receive());
  }

  /** What comes next is to take effect after all that the other connection, the one of that number, has taken. @throws as `send` */
  sendAfter(other: Wire, number: number): void {
    other.flush();
    const { flushed } = other;
    if (flushed > this.awaited) {
      this.awaited = flushed;
      this.send(controlOf([Operation.AFTER, flushed]));
    }
    if (this.awaited === other.sent) return;
    for (const message of other.unflushedAfter(this.awaited))
      this.send(controlOf([Operation.OVERTAKE, number, ++this.awaited, message]));
  }

  /** The other connection is another one now. */
  countAnew(): void {
    this.awaited = 0;
  }

  private guard<T>(work: (channel: BlockingChannel) => T): T {
    try {
      return work(this.channel!);
    } catch (cause) {
      this.close();
      throw this.lost(cause);
    }
  }

  /** Says something that has no answer, if it is open. What a connection that breaks was told is void with it. */
  tell(message: Buffer): boolean {
    const { channel } = this;
    try {
      channel?.send(message);
    } catch {
      this.close();
    }
    return channel !== undefined;
  }

  close(): void {
    this.channel?.close();
    this.channel = undefined;
  }
}
