/** A client without manners: a socket of node:net, and as much of the protocol as a test wants. */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { decode, encode, exchange } from "@cordage/ipc/sys";

const LENGTH = 4;

/** The connections of a session. */
export const CALLS = 0;
export const BLOCKING = 1;

/** Controls. */
export const ADOPT = 3;
export const LEND_ALL = 4;
export const INHERIT = 5;
export const FORWARD = 6;
export const AFTER = 7;

export function framed(message: Uint8Array): Buffer {
  const header = Buffer.alloc(LENGTH);
  header.writeInt32BE(message.length);
  return Buffer.concat([header, message]);
}

export function addressed(id: number, message: Uint8Array): Buffer {
  const front = Buffer.alloc(8);
  front.writeDoubleBE(id);
  return Buffer.concat([front, message]);
}

export class RawClient {
  private unread = Buffer.alloc(0);
  private wake: () => void = () => {};
  readonly closed: Promise<unknown>;

  private constructor(readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {}); // it is what the other side does to it
    socket.on("data", (chunk) => {
      this.unread = Buffer.concat([this.unread, chunk]);
      this.wake();
    });
    socket.on("close", () => this.wake());
  }

  static async connect([host, port]: [string, number]): Promise<RawClient> {
    const client = new RawClient(connect({ host, port }));
    await once(client.socket, "connect");
    return client;
  }

  send(message: Uint8Array): void {
    this.socket.write(framed(message));
  }

  /** A value of the codec. */
  say(value: unknown): void {
    this.send(encode(value));
  }

  /** The next message; undefined if there is none any more. */
  async receive(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.unread.length >= LENGTH && this.unread.length >= LENGTH + this.unread.readInt32BE(0)) break;
      if (this.socket.destroyed) return undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const end = LENGTH + this.unread.readInt32BE(0);
    const message = this.unread.subarray(LENGTH, end);
    this.unread = this.unread.subarray(end);
    return message;
  }

  /** A request, or with id 0 a control. */
  request(id: number, value: unknown): void {
    this.send(addressed(id, encode(value)));
  }

  /** The next answer: [id, status, value]. */
  async answer(): Promise<any> {
    const message = await this.receive();
    return message && [message.readDoubleBE(0), ...(decode(message.subarray(8)) as unknown[])];
  }

  async hear(): Promise<any> {
    const message = await this.receive();
    return message && decode(message);
  }

  async prove(key: string): Promise<void> {
    const steps = exchange("client", Buffer.from(key));
    for (let step = steps.next(); !step.done; ) {
      if (step.value) this.send(step.value);
      step = steps.next(step.value ? (undefined as never) : (await this.receive())!);
    }
  }

  /** As a client of this version would. Returns the server's greeting. */
  async enter(key: string, session = randomBytes(8).toString("hex"), channel = CALLS, number = 1): Promise<any> {
    await this.prove(key);
    this.say([1, channel, session, number]);
    return this.hear();
  }
}
