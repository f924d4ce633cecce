/** What the clients send: no message is like another one, so that one that were lost, doubled or moved would show. */
import { createHash, type Hash } from "node:crypto";

export const MESSAGE_SIZE = 1024;

/** The messages of one client, in order, and the checksum of all that were sent. */
export class Sending {
  private readonly hash: Hash = createHash("sha256");
  private number = 0;
  bytes = 0;

  constructor(private readonly client: number) {}

  next(): Buffer {
    const message = Buffer.alloc(MESSAGE_SIZE, this.number);
    message.writeUInt32LE(this.client, 0);
    message.writeUInt32LE(this.number++, 4);
    return message;
  }

  /** So much of what `next` gave has been sent. */
  sent(bytes: Buffer): void {
    this.hash.update(bytes);
    this.bytes += bytes.length;
  }

  checksum(): string {
    return this.hash.digest("hex");
  }
}
