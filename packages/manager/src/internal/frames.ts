/**
 * Messages in a byte stream, as @cordage/ipc's connections write them, so that both can talk to each other:
 * Int32 BE length, then the message; or Int32 BE -1, Int64 BE length, then the message.
 */

export const HEADER = 4;
const LONG = -1;
const LONG_HEADER = 12;
/** A message from this length on has its bytes to itself; a shorter one is a view of what was read with others. */
const OWN = 64 * 1024;

/** `owned`: the bytes are the receiver's, who may keep views of them. */
export type OnFrame = (frame: Buffer, owned: boolean) => void;

/** What the other side sent is no message, or one that is longer than it may be. */
export class FramingError extends Error {}

/** Cuts a stream into messages. */
export class FrameReader {
  private parts: Buffer[] = [];
  private length = 0;
  /** Bytes that must have come before there is anything to do. */
  private needed = HEADER;
  private stopped = false;
  private held = false;

  constructor(
    /** Bytes that a message may have; may be changed between two of them. */
    public limit: number,
    private readonly onFrame: OnFrame,
  ) {}

  /** Nothing that has not been handed out yet will be. */
  stop(): void {
    this.stopped = true;
    this.parts = [];
  }

  /** Keeps what has come until `release`. */
  hold(): void {
    this.held = true;
  }

  /** @throws {FramingError} */
  release(): void {
    this.held = false;
    if (this.length >= this.needed) this.cut();
  }

  /** @throws {FramingError} */
  push(chunk: Buffer): void {
    this.parts.push(chunk);
    this.length += chunk.length;
    if (this.length >= this.needed && !this.held) this.cut();
  }

  private cut(): void {
    const bytes = this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts, this.length);
    const alone = this.parts.length > 1; // concat made them ours
    let at = 0;
    while (!this.stopped && !this.held) {
      const end = this.endOf(bytes, at);
      if (end === undefined) break;
      const start = at + (bytes.readInt32BE(at) === LONG ? LONG_HEADER : HEADER);
      at = end;
      this.onFrame(bytes.subarray(start, end), alone && end - start >= OWN);
    }
    this.keep(bytes.subarray(at));
  }

  private keep(rest: Buffer): void {
    if (this.stopped) return;
    this.parts = rest.length > 0 ? [rest] : [];
    this.length = rest.length;
  }

  /** Where the message at `at` ends; undefined, and `needed` is set, if it has not all come. */
  private endOf(bytes: Buffer, at: number): number | undefined {
    const there = bytes.length - at;
    let header = HEADER;
    if (there >= HEADER && bytes.readInt32BE(at) === LONG) header = LONG_HEADER;
    this.needed = header;
    if (there < header) return undefined;
    const length = header === HEADER ? bytes.readInt32BE(at) : Number(bytes.readBigInt64BE(at + HEADER));
    if (length < 0) throw new FramingError("the other side sends no messages");
    if (length > this.limit) throw new FramingError(`a message has ${length} bytes, more than ${this.limit}`);
    this.needed = header + length;
    return there >= this.needed ? at + this.needed : undefined;
  }
}

/** Messages on their way out, gathered so that many take one system call. */
export class FrameWriter {
  private parts: Buffer[] = [];
  private block = Buffer.allocUnsafe(0);
  private start = 0;
  private at = 0;
  /** Bytes that were gathered since the last `take`. */
  size = 0;

  get empty(): boolean {
    return this.size === 0;
  }

  /** Takes a copy of a message; `message` has HEADER bytes of room in front of it. */
  add(message: Buffer): void {
    message.writeInt32BE(message.length - HEADER, 0);
    this.size += message.length;
    if (message.length > OWN) {
      this.endPart();
      this.parts.push(Buffer.from(message));
      return;
    }
    if (this.at + message.length > this.block.length) this.renew();
    message.copy(this.block, this.at);
    this.at += message.length;
  }

  /** What was gathered; the next takes other memory. */
  take(): Buffer[] {
    this.endPart();
    const { parts } = this;
    this.parts = [];
    this.size = 0;
    return parts;
  }

  private endPart(): void {
    if (this.at > this.start) this.parts.push(this.block.subarray(this.start, this.at));
    this.start = this.at;
  }

  private renew(): void {
    this.endPart();
    this.block = Buffer.allocUnsafe(2 * OWN);
    this.start = 0;
    this.at = 0;
  }
}
