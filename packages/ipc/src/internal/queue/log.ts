/** The log of a queue: frames at offsets of a file that only grow. Offsets count from the log's start. */
import { readSync, writevSync } from "node:fs";
import { IpcError } from "../../errors.js";
import { fsCall } from "../shm/file.js";
import { FRAME_HEADER } from "./layout.js";

const CHUNK = 64 * 1024;

export class Log {
  // What was read ahead: bytes [from, to) of the log. They were committed, so they never change.
  private chunk: Buffer | undefined;
  private from = 0;
  private to = 0;

  constructor(
    private readonly fd: number,
    private readonly start: number,
  ) {}

  /**
   * Writes a frame at `at`, where nobody looks yet; returns the offset behind it.
   * @throws {SystemError} ENOSPC, ENOMEM, EFBIG: nothing was changed
   */
  append(payload: Uint8Array, at: number): number {
    const header = new Uint8Array(FRAME_HEADER);
    new DataView(header.buffer).setUint32(0, payload.length, true);
    const length = FRAME_HEADER + payload.length;
    let written = this.write([header, payload], at);
    while (written < length) {
      const rest = [header.subarray(written), payload.subarray(Math.max(0, written - FRAME_HEADER))];
      written += this.write(rest, at + written);
    }
    return at + length;
  }

  private write(parts: Uint8Array[], at: number): number {
    return fsCall("write", "put on the queue", () => writevSync(this.fd, parts, this.start + at));
  }

  /** Copies the payload of the frame at `at`, of which lengthAt has told the length, to the start of `into`. */
  read(at: number, length: number, into: Buffer): void {
    const body = at + FRAME_HEADER;
    if (body + length <= this.to) this.chunk!.copy(into, 0, body - this.from, body - this.from + length);
    else this.fill(into.subarray(0, length), body);
  }

  /** Length of the payload of the frame at `at`; reads ahead if that frame could be in what it reads. */
  lengthAt(at: number, end: number): number {
    if (at < this.from || at + FRAME_HEADER > this.to) this.readAhead(at, end);
    let length = this.chunk!.readUInt32LE(at - this.from);
    if (at + FRAME_HEADER + length > this.to && FRAME_HEADER + length <= CHUNK && at > this.from) {
      this.readAhead(at, end);
      length = this.chunk!.readUInt32LE(0);
    }
    return length;
  }

  private readAhead(at: number, end: number): void {
    this.to = this.from = 0;
    this.chunk ??= Buffer.allocUnsafeSlow(CHUNK);
    const length = Math.min(CHUNK, end - at);
    this.fill(this.chunk.subarray(0, length), at);
    this.from = at;
    this.to = at + length;
  }

  private fill(target: Uint8Array, at: number): void {
    for (let done = 0; done < target.length; ) {
      const got = readSync(this.fd, target, done, target.length - done, this.start + at + done);
      if (got === 0) throw new IpcError("ERR_QUEUE_CORRUPT", "cannot get from the queue: its file was cut short");
      done += got;
    }
  }
}
