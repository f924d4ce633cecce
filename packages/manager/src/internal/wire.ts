/** A socket of node:net or node:tls that carries messages, from the exchange of keys on. */
import type { Duplex } from "node:stream";
import { exchange, LONGEST_PROOF } from "@cordage/ipc/sys";
import { FrameReader, FrameWriter, HEADER, type OnFrame } from "./frames.js";

export type Role = "listener" | "client";

/** The connection ended while a message was waited for. */
export class WireClosed extends Error {}

/** Bytes that are sent at once rather than at the end of the turn: the socket then tells whether the other side reads. */
const MANY = 256 * 1024;

/** Messages that the socket was handed at once: how many there had been before and with them, and how many bytes. */
interface Handed {
  readonly parts: readonly Buffer[];
  readonly before: number;
  readonly messages: number;
  readonly bytes: number;
}

/** More than either side says in the exchange of keys before it is its turn. */
const MOST_EARLY = 8;

export class Wire {
  private readonly reader: FrameReader;
  private readonly writer = new FrameWriter();
  private flushing = false;
  /** Messages that were sent since it was opened, */
  sent = 0;
  /** and handed to the socket, and their bytes; and what of that is not all in the kernel, oldest first. */
  private messages = 0;
  private bytes = 0;
  private handed: Handed[] = [];
  /** Messages that came before they were asked for. */
  private readonly early: Buffer[] = [];
  private mostEarly = MOST_EARLY;
  private next: { resolve(frame: Buffer): void; reject(reason: unknown): void } | undefined;
  private take: OnFrame | undefined;
  private failure: Error | undefined;
  closed = false;
  /** Once, when the connection has ended, with why if it broke. */
  onClose: (error: Error | undefined) => void = () => {};

  constructor(readonly socket: Duplex) {
    this.reader = new FrameReader(LONGEST_PROOF, (frame, owned) => this.received(frame, owned));
    socket.on("data", (chunk: Buffer) => this.withReader(() => this.reader.push(chunk)));
    socket.on("error", (error) => {
      this.failure ??= error;
    });
    socket.on("end", () => socket.destroy()); // who has stopped sending does not listen for answers either
    socket.on("close", () => this.ended());
  }

  /** What is no message ends the connection. */
  private withReader(use: () => void): void {
    try {
      use();
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  private received(frame: Buffer, owned: boolean): void {
    if (this.take) this.take(frame, owned);
    else if (this.next) {
      const { resolve } = this.next;
      this.next = undefined;
      resolve(frame);
    } else if (this.early.length < this.mostEarly) this.early.push(Buffer.from(frame));
    else throw new Error("the other side does not wait for its turn");
  }

  private ended(): void {
    if (this.closed) return;
    this.closed = true;
    this.reader.stop();
    this.next?.reject(this.failure ?? new WireClosed("the connection was closed"));
    this.next = undefined;
    this.onClose(this.failure);
  }

  /** The next message: only before `open`. */
  receive(): Promise<Buffer> {
    const frame = this.early.shift();
    if (frame) return Promise.resolve(frame);
    if (this.closed || this.socket.destroyed)
      return Promise.reject(this.failure ?? new WireClosed("the connection was closed"));
    return new Promise((resolve, reject) => {
      this.next = { resolve, reject };
    });
  }

  /** From now on messages of up to `limit` bytes go to `take`. */
  open(limit: number, take: OnFrame): void {
    this.reader.limit = limit;
    this.take = take;
    this.sent = this.messages = 0;
    this.handed = []; // it was heard: there was an answer to it
    for (const frame of this.early.splice(0)) take(frame, true);
  }

  /** For the greeting of whoever has proved itself: one message of up to `limit` bytes. */
  allow(limit: number): void {
    this.reader.limit = limit;
  }

  /** The other side is the server that this client wants: it may say as much as it likes. */
  trust(): void {
    this.reader.limit = Number.MAX_SAFE_INTEGER;
    this.mostEarly = Number.POSITIVE_INFINITY;
  }

  /** Sends a message that has HEADER bytes of room in front; a copy is taken. It leaves with the others of this turn. */
  send(message: Buffer): void {
    this.writer.add(message);
    this.sent++;
    if (this.writer.size >= MANY) this.handOver();
    if (this.flushing) return;
    this.flushing = true;
    process.nextTick(() => this.flush());
  }

  /** Sends what was gathered now, as far as the kernel takes it; the rest when it does, which takes the event loop. */
  flush(): void {
    this.flushing = false;
    this.handOver();
  }

  private handOver(): void {
    if (this.writer.empty || this.socket.destroyed) return;
    const parts = this.writer.take();
    if (parts.length === 1) this.write(parts[0]!);
    else this.writeAll(parts);
    const before = this.messages;
    this.messages = this.sent;
    if (this.socket.writableLength > 0) this.handed.push({ parts, before, messages: this.messages, bytes: this.bytes });
  }

  /** Nothing more is handed out, nor read beyond a little, until `resume`. */
  pause(): void {
    this.reader.hold();
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
    this.withReader(() => this.reader.release());
  }

  private writeAll(parts: Buffer[]): void {
    this.socket.cork();
    for (const part of parts) this.write(part);
    this.socket.uncork();
  }

  private write(part: Buffer): void {
    this.bytes += part.length;
    this.socket.write(part, this.written);
  }

  private readonly written = (): void => {
    const inKernel = this.bytes - this.socket.writableLength;
    while (this.handed.length > 0 && this.handed[0]!.bytes <= inKernel) this.handed.shift();
  };

  /** How many messages, the first ones, the kernel has, of those that were flushed. */
  get flushed(): number {
    this.written();
    return this.handed[0]?.before ?? this.messages;
  }

  /** The messages after the first `count`, which the kernel has not, or not all of their bytes. */
  unflushedAfter(count: number): Buffer[] {
    const batches = this.handed.filter(({ messages }) => messages > count);
    const found: Buffer[] = [];
    const reader = new FrameReader(Number.POSITIVE_INFINITY, (frame) => found.push(frame));
    for (const { parts } of batches) for (const part of parts) reader.push(part);
    return batches[0] ? found.slice(count - batches[0].before) : [];
  }

  /** Both sides prove that they know the key. @throws {AuthenticationError} ERR_AUTHENTICATION */
  async prove(role: Role, key: Uint8Array): Promise<void> {
    const steps = exchange(role, key);
    try {
      for (let step = steps.next(); !step.done; ) {
        if (step.value) this.sendBytes(step.value);
        step = steps.next(step.value ? (undefined as never) : await this.receive());
      }
    } finally {
      this.flush(); // the other side is to hear that it was refused
      steps.return();
    }
  }

  private sendBytes(bytes: Uint8Array): void {
    this.send(Buffer.concat([Buffer.alloc(HEADER), bytes]));
    this.flush();
  }

  destroy(error?: Error): void {
    this.failure ??= error;
    this.socket.destroy();
  }
}
