/**
 * Messages out of a byte stream, one try at a time: whatever part of a message has arrived stays here for the next try.
 *
 * Reading goes ahead of what is asked for, many small messages to one system call, as long as nobody else can look at
 * the descriptor. `exact` ends that: then never a byte beyond the wanted message is read, as in CPython.
 */
import { EOFError, IpcError } from "../errors.js";
import { AGAIN, RESET, systemError } from "./checked.js";
import { inbox, type Message, openMessage } from "./codec/index.js";
import type { Descriptor } from "./descriptor.js";
import { LONG, LONGEST, LONGEST_HEADER, MOST_DESCRIPTORS, WITH_DESCRIPTORS, writeHeader } from "./framing.js";
import { bufferFor } from "./large-buffer.js";
import { native } from "./native.js";

/** What a receiver asks for. */
export interface Wanted {
  /** A message longer than this is refused: ERR_MESSAGE_TOO_LONG. */
  readonly longest: number;
  /** Where the message goes if it fits; else it gets a Buffer of its own. */
  readonly into?: Uint8Array | undefined;
  /** A short message without descriptors is wanted as the codec has opened it: that needs no memory of its own. */
  readonly opened?: boolean;
}

export interface Frame {
  /** In `Wanted.into` if that was given and is long enough; otherwise nobody else refers to it. */
  readonly body: Uint8Array;
  readonly descriptors: readonly number[];
  /** Instead of the body, if `Wanted.opened` asked for it. */
  readonly message?: Message;
}

const AHEAD = 64 * 1024;
/** Longer messages are read straight to where they belong. */
const THROUGH_CHUNK = 16 * 1024;
/** Nobody gets more memory than this by merely announcing a long message. */
const ON_TRUST = 64 * 1024 * 1024;
const NO_DESCRIPTORS: readonly number[] = [];
const NO_BODY = new Uint8Array(0);

export class FrameReader {
  private chunk: Buffer | undefined;
  private start = 0;
  private end = 0;
  /** Of the message under way: its length once its header is read, its descriptors, and what has arrived. */
  private length = -1;
  private announced = 0;
  private body: Uint8Array | undefined;
  private filled = 0;
  private readonly received: number[] = [];
  private readonly passed: Int32Array | undefined;
  private broken: IpcError | undefined;
  exact = false;

  constructor(private readonly descriptor: Descriptor) {
    if (descriptor.kind === "unix") this.passed = new Int32Array(MOST_DESCRIPTORS).fill(-1);
  }

  /**
   * One try. `undefined`: the message is not all here yet.
   * @throws {EOFError} ERR_EOF at the end, @throws {IpcError} ERR_MESSAGE_TOO_LONG or ERR_BAD_MESSAGE, after which
   * nothing more can be read
   */
  attempt(wanted: Wanted): Frame | undefined {
    if (this.broken) throw this.broken;
    if (this.length < 0 && !this.readHeader()) return undefined;
    if (this.length > wanted.longest)
      throw this.breakOff(
        "ERR_MESSAGE_TOO_LONG",
        `bad message length, received ${this.length} bytes where ${wanted.longest} are the most`,
      );
    if (wanted.opened && this.announced === 0 && this.body === undefined && this.length <= inbox.length)
      return this.open();
    const body = this.readBody(wanted.into);
    if (body === undefined) return undefined;
    const announced = this.announced;
    this.length = -1;
    this.announced = 0;
    this.body = undefined;
    return { body, descriptors: announced === 0 ? NO_DESCRIPTORS : this.claim(announced) };
  }

  /** A message that does not open is over nevertheless. */
  private open(): Frame | undefined {
    const { length } = this;
    if (!this.fill(length)) return undefined;
    const end = this.start + length;
    inbox.set(this.chunk!.subarray(this.start, end));
    this.start = end;
    this.length = -1;
    return { body: NO_BODY, descriptors: NO_DESCRIPTORS, message: openMessage(inbox, length) };
  }

  /** Whether a try would return, or throw, without reading. */
  get buffered(): boolean {
    if (this.broken) return true;
    if (this.length >= 0) return (this.body ? this.filled : this.end - this.start) >= this.length;
    const available = this.end - this.start;
    if (available < 4) return false;
    const length = this.chunk!.readInt32BE(this.start);
    return length >= 0 ? available >= 4 + length : available >= LONGEST_HEADER;
  }

  private readHeader(): boolean {
    for (;;) {
      if (!this.fill(4)) return false;
      const chunk = this.chunk!;
      const short = chunk.readInt32BE(this.start);
      if (short >= 0) {
        this.length = short;
        this.start += 4;
        return true;
      }
      if (short === LONG) return this.readLongHeader();
      if (short !== WITH_DESCRIPTORS || this.announced > 0) throw this.malformed(`a length of ${short}`);
      if (!this.fill(8)) return false;
      this.announced = this.chunk!.readInt32BE(this.start + 4);
      this.start += 8;
      if (this.announced < 1 || this.announced > MOST_DESCRIPTORS)
        throw this.malformed(`${this.announced} descriptors`);
    }
  }

  private readLongHeader(): boolean {
    if (!this.fill(12)) return false;
    const length = this.chunk!.readBigInt64BE(this.start + 4);
    this.start += 12;
    if (length < 0 || length > LONGEST) throw this.malformed(`a length of ${length}`);
    this.length = Number(length);
    return true;
  }

  private readBody(into: Uint8Array | undefined): Uint8Array | undefined {
    const { length } = this;
    if (this.body === undefined) {
      const available = this.end - this.start;
      const throughChunk = length <= available || (!this.exact && length <= THROUGH_CHUNK);
      if (throughChunk && !this.fill(length)) return undefined;
      this.body = into && into.length >= length ? into.subarray(0, length) : bufferFor(Math.min(length, ON_TRUST));
      this.filled = Math.min(length, throughChunk ? length : available);
      if (this.filled > 0) this.body.set(this.chunk!.subarray(this.start, this.start + this.filled));
      this.start += this.filled;
    }
    while (this.filled < length) {
      if (this.filled === this.body.length) this.grow();
      const got = this.read(this.body, this.filled, this.body.length - this.filled);
      if (got === 0) return undefined;
      this.filled += got;
    }
    return this.body;
  }

  private grow(): void {
    const larger = Buffer.allocUnsafe(Math.min(this.length, this.body!.length * 2));
    larger.set(this.body!);
    this.body = larger;
  }

  /** Sees to it that `count` bytes lie in the chunk; false: they have not arrived. */
  private fill(count: number): boolean {
    while (this.end - this.start < count) {
      this.makeRoom(count);
      const room = this.exact ? count - (this.end - this.start) : this.chunk!.length - this.end;
      const got = this.read(this.chunk!, this.end, room);
      if (got === 0) return false;
      this.end += got;
    }
    return true;
  }

  private makeRoom(count: number): void {
    this.chunk ??= Buffer.allocUnsafeSlow(AHEAD);
    if (this.start === this.end) this.start = this.end = 0;
    if (this.start + count <= this.chunk.length) return;
    this.chunk.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
  }

  /** Bytes read; 0: none are there now. */
  private read(into: Uint8Array, at: number, room: number): number {
    const { passed, descriptor } = this;
    const n = passed
      ? native.receiveDescriptors(descriptor.fd, into, at, room, passed)
      : native.read(descriptor.fd, into, at, room);
    if (n > 0) {
      if (passed && passed[0] !== -1) this.keep(passed);
      return n;
    }
    if (n === AGAIN) return 0;
    if (n === 0) throw this.ended();
    const error = systemError(n, "read", "receive from the connection");
    // The peer closed without having read all that we sent: for a reader that is the end, too.
    throw n === RESET ? this.ended(error) : error;
  }

  private ended(cause?: unknown): EOFError {
    const midway = this.length >= 0 || this.end > this.start || this.announced > 0;
    const reason = midway ? "the other end closed in the middle of a message" : "the other end is closed";
    return new EOFError(`cannot receive from the connection: ${reason}`, { cause });
  }

  private malformed(received: string): IpcError {
    return this.breakOff("ERR_BAD_MESSAGE", `the other end does not speak our protocol, received ${received}`);
  }

  private breakOff(code: string, reason: string): IpcError {
    this.broken = new IpcError(code, `cannot receive from the connection: ${reason}`);
    return this.broken;
  }

  private keep(passed: Int32Array): void {
    for (let i = 0; i < passed.length && passed[i] !== -1; i++) {
      // Descriptors that no message announced cannot pile up.
      if (this.received.length < 4 * MOST_DESCRIPTORS) this.own(passed[i]!);
      else native.close(passed[i]!);
    }
    passed.fill(-1);
  }

  private own(fd: number): void {
    this.received.push(fd);
    this.descriptor.passengers.add(fd);
  }

  private claim(count: number): readonly number[] {
    const descriptors = this.received.splice(0, count);
    for (const fd of descriptors) this.descriptor.passengers.delete(fd);
    if (descriptors.length === count) return descriptors;
    for (const fd of descriptors) native.close(fd);
    const reason = `${count} descriptors were sent and ${descriptors.length} arrived; this process may have no descriptor left (ulimit -n)`;
    throw new IpcError("ERR_DESCRIPTORS_LOST", `cannot receive from the connection: ${reason}`);
  }

  /**
   * Gives up all that was read ahead, as the bytes that the next reader of the descriptor must take first. Descriptors
   * that came along stay open here until the connection is closed: whoever asked has yet to send them.
   */
  takeBuffered(): { bytes: Buffer; descriptors: number[] } {
    const parts: Uint8Array[] = [];
    if (this.length >= 0) {
      const header = Buffer.alloc(LONGEST_HEADER);
      parts.push(header.subarray(0, writeHeader(header, this.length, this.announced)));
      if (this.body) parts.push(this.body.subarray(0, this.filled));
    }
    if (this.chunk) parts.push(this.chunk.subarray(this.start, this.end));
    const bytes = Buffer.concat(parts);
    this.start = this.end = this.filled = this.announced = 0;
    this.length = -1;
    this.body = undefined;
    return { bytes, descriptors: this.received.splice(0) };
  }

  /** Puts what `takeBuffered` gave where the next try finds it. */
  preload(bytes: Uint8Array, descriptors: readonly number[]): void {
    this.chunk = Buffer.allocUnsafeSlow(Math.max(AHEAD, bytes.length));
    this.chunk.set(bytes);
    this.end = bytes.length;
    for (const fd of descriptors) this.own(fd);
  }

  /** Puts what `takeBuffered` gave back in front of what was read since. */
  putBack(bytes: Uint8Array, descriptors: readonly number[]): void {
    const since = this.takeBuffered();
    this.preload(Buffer.concat([bytes, since.bytes]), [...descriptors, ...since.descriptors]);
  }

  /** Descriptors that came along and nobody took are closed with the connection's own. */
  close(): void {
    this.received.length = 0;
    this.chunk = undefined;
    this.start = this.end = 0;
  }
}
