/** Messages into a byte stream, one try at a time. */
import { AGAIN, systemError } from "./checked.js";
import { kept } from "./codec/index.js";
import type { Descriptor } from "./descriptor.js";
import { HEADROOM, LONGEST_HEADER, LONGEST_SHORT, writeHeader } from "./framing.js";
import { native } from "./native.js";

/** Up to here copying a message behind its header is cheaper than a second vector. */
const SMALL = 8 * 1024;
// Writing never waits, so one buffer serves every connection of the thread.
const scratch = Buffer.allocUnsafeSlow(LONGEST_HEADER + SMALL);
const EMPTY = new Uint8Array(0);

/** A message that is not all written yet. */
export class Outgoing {
  /** Bytes written, of header and body together. */
  at = 0;
  private owned = false;
  constructor(
    public head: Uint8Array,
    public body: Uint8Array,
    public descriptors: Int32Array | undefined,
  ) {}

  get started(): boolean {
    return this.at > 0;
  }

  /** Keeps bytes and descriptors of its own: the codec and the caller go on before this is written. */
  keep(): this {
    this.head = kept(this.head);
    this.body = kept(this.body);
    if (this.descriptors && !this.owned) this.descriptors = this.descriptors.map((fd) => native.dup(fd));
    this.owned = true;
    return this;
  }

  /** The descriptors are sent, or never will be. */
  dropDescriptors(): void {
    if (this.owned) for (const fd of this.descriptors ?? []) native.close(fd);
    this.descriptors = undefined;
  }
}

export class FrameWriter {
  constructor(private readonly descriptor: Descriptor) {}

  /** Writes what can be written now. `undefined`: all of it; else the rest, for `resume`. */
  start(body: Uint8Array, descriptors: readonly number[]): Outgoing | undefined {
    if (body.length > SMALL || descriptors.length > 0) {
      const long = this.prepare(body, descriptors);
      return this.resume(long) ? undefined : long;
    }
    const header = writeHeader(scratch, body.length, 0);
    scratch.set(body, header);
    const total = header + body.length;
    const written = this.checked(native.write(this.descriptor.fd, scratch, 0, total));
    if (written === total) return undefined;
    const rest = new Outgoing(Uint8Array.prototype.slice.call(scratch, 0, total), EMPTY, undefined);
    rest.at = written;
    return rest;
  }

  /** As `start`, for a message with HEADROOM bytes free in front of it. */
  startFramed(framed: Buffer, descriptors: readonly number[]): Outgoing | undefined {
    const outgoing = this.prepareFramed(framed, descriptors);
    return this.resume(outgoing) ? undefined : outgoing;
  }

  prepareFramed(framed: Buffer, descriptors: readonly number[]): Outgoing {
    const length = framed.length - HEADROOM;
    if (descriptors.length > 0 || length > LONGEST_SHORT) return this.prepare(framed.subarray(HEADROOM), descriptors);
    framed.writeInt32BE(length, 0);
    return new Outgoing(framed, EMPTY, undefined);
  }

  /** A message of which nothing is written. */
  prepare(body: Uint8Array, descriptors: readonly number[]): Outgoing {
    const header = writeHeader(scratch, body.length, descriptors.length);
    const head = Uint8Array.prototype.slice.call(scratch, 0, header);
    return new Outgoing(head, body, descriptors.length ? Int32Array.from(descriptors) : undefined);
  }

  /** Writes on; true once all is written. */
  resume(o: Outgoing): boolean {
    const total = o.head.length + o.body.length;
    while (o.at < total) {
      const written = this.checked(this.writeSome(o));
      if (written === 0) return false;
      o.at += written;
      if (o.descriptors) o.dropDescriptors();
    }
    return true;
  }

  private writeSome(o: Outgoing): number {
    const { fd } = this.descriptor;
    const { head, body, at } = o;
    if (o.descriptors) return native.sendDescriptors(fd, head, at, head.length - at, o.descriptors);
    if (at >= head.length) return native.write(fd, body, at - head.length, head.length + body.length - at);
    if (body.length === 0) return native.write(fd, head, at, head.length - at);
    return native.write2(fd, head, at, head.length - at, body, 0, body.length);
  }

  private checked(result: number): number {
    if (result >= 0) return result;
    if (result === AGAIN) return 0;
    throw systemError(result, "write", "send to the connection");
  }
}
