/**
 * A piece of memory that processes share: a memfd, mapped whole. It has no name in any file system, so nothing is left
 * when everybody who had it is gone. It travels as a handle (pid, descriptor, device, inode); the receiver opens it
 * through /proc/PID/fd (proc_pid_fd(5)) and checks that it is the same file, because descriptors are recycled.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from "node:fs";
import { IpcError } from "../errors.js";
import { backWithMemory } from "./backing.js";
import { checked } from "./checked.js";
import { native } from "./native.js";
import { fsCall } from "./shm/file.js";

export interface SegmentHandle {
  pid: number;
  fd: number;
  dev: number;
  ino: number;
  size: number;
}

const open = new Map<string, WeakRef<Segment>>();
const closing = new FinalizationRegistry<{ fd: number; key: string; close: (fd: number) => void }>(
  ({ fd, key, close }) => {
    if (open.get(key)?.deref() === undefined) open.delete(key);
    close(fd);
  },
);

export class Segment {
  readonly bytes: Uint8Array;
  private closed = false;
  private constructor(
    readonly fd: number,
    readonly buffer: ArrayBuffer,
    private readonly dev: number,
    private readonly ino: number,
    /** A worker thread of Node's keeps account of what node:fs opens there, and of nothing else. */
    private readonly closeDescriptor: (fd: number) => void,
  ) {
    this.bytes = new Uint8Array(buffer);
    const { key } = this;
    open.set(key, new WeakRef(this));
    closing.register(this, { fd, key, close: closeDescriptor }, this);
  }

  private get key(): string {
    return `${this.dev}:${this.ino}`;
  }

  /** Closes the descriptor now, which is otherwise done when the segment is collected. What is mapped stays. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    closing.unregister(this);
    open.delete(this.key);
    this.closeDescriptor(this.fd);
  }

  /**
   * New zeroed memory of `size` bytes, the first `backed` of them backed at once: touching those later cannot fail.
   * Whoever touches others first backs them.
   */
  static create(size: number, name: string, backed = size): Segment {
    const fd = checked<number>(native.memfdCreate(`cordage:${name}`), "memfd_create", "create shared memory");
    try {
      fsCall("ftruncate", "create shared memory", () => ftruncateSync(fd, size));
      backWithMemory(fd, backed, "create shared memory");
      return Segment.mapped(fd, size, native.close);
    } catch (error) {
      native.close(fd);
      throw error;
    }
  }

  private static mapped(fd: number, size: number, close: (fd: number) => void): Segment {
    const { dev, ino } = fstatSync(fd);
    const buffer = checked<ArrayBuffer>(native.map(fd, 0, size), "mmap", "map shared memory");
    return new Segment(fd, buffer, dev, ino, close);
  }

  /** The segment that a handle names; mapped once in each thread, however often its handle arrives. */
  static open(handle: SegmentHandle): Segment {
    const known = open.get(`${handle.dev}:${handle.ino}`)?.deref();
    if (known) return known;
    const fd = openDescriptor(handle);
    try {
      return Segment.mapped(fd, handle.size, closeSync);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  handle(): SegmentHandle {
    return { pid: process.pid, fd: this.fd, dev: this.dev, ino: this.ino, size: this.bytes.length };
  }
}

function gone(handle: SegmentHandle, cause?: unknown): IpcError {
  const why = `process ${handle.pid}, which sent it, has ended or closed it; keep it until the receiver has it`;
  return new IpcError("ERR_HANDLE_GONE", `cannot open shared memory: ${why}`, { cause });
}

/** Opens another process's descriptor of a plain file; never blocks, never follows to anything else. */
export function openDescriptor(handle: SegmentHandle): number {
  // A handle may come from a peer that lies; what is not a number could name any path.
  if (!Number.isInteger(handle.pid) || !Number.isInteger(handle.fd)) throw gone(handle);
  let fd: number;
  try {
    fd = openSync(`/proc/${handle.pid}/fd/${handle.fd}`, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (cause) {
    throw gone(handle, cause);
  }
  const file = fstatSync(fd);
  if (file.isFile() && file.dev === handle.dev && file.ino === handle.ino && file.size >= handle.size) return fd;
  closeSync(fd);
  throw gone(handle);
}
