/** Named memory that any process of the machine can attach to. */
import { constants } from "node:buffer";
import { randomBytes } from "node:crypto";
import { closeSync } from "node:fs";
import { inspect } from "node:util";
import { IpcError, invalidType, outOfRange } from "./errors.js";
import { native } from "./internal/native.js";
import { integerOf } from "./internal/options.js";
import { registerShared } from "./internal/shared-type.js";
import { createFile, createFileNamed, mapFile, openFile, removeFile, sizeFile } from "./internal/shm/file.js";
import { checkName } from "./internal/shm/path.js";
import { track, untrack } from "./internal/tracker/client.js";
import { ownRoot, type Root } from "./internal/tracker/root.js";

export interface SharedMemoryOptions {
  /** A file name of at most 255 bytes. Absent with `create`: one is made up. */
  name?: string | undefined;
  /** Makes a new segment instead of attaching to one. Default false. */
  create?: boolean | undefined;
  /** Bytes, 1 or more, of a new segment; ignored when attaching. */
  size?: number | undefined;
  /** Whether the segment is removed, with a warning, if all processes of this tree end without unlinking it. Default true. */
  track?: boolean | undefined;
}

/** How a segment travels. `root` names the tree of processes that tracks it. */
interface Handle {
  name: string;
  root: Root | undefined;
}

/** What a received handle becomes: attached, and tracked where it came from. */
class Received {
  constructor(readonly handle: Handle) {}
}

function madeUp(): string {
  return `psm_${randomBytes(4).toString("hex")}`;
}

function checkOptions(o: SharedMemoryOptions): void {
  const doing = o?.create ? "create shared memory" : "attach to shared memory";
  if (typeof o !== "object" || o === null) throw invalidType(doing, "options must be an object", o);
  if (o.name !== undefined) checkName(o.name, doing);
  else if (!o.create) throw invalidType(doing, "name must be a string unless create is true", o.name);
  if (o.create && o.size === undefined) throw outOfRange(doing, "size must be a number of bytes above 0", o.size);
  if (o.size !== undefined) integerOf(o.size, "size", doing, o.create ? 1 : 0, constants.MAX_LENGTH);
}

/**
 * A piece of memory with a name, shared by every process that attaches to it: Python's `SharedMemory`, and the same
 * segments, so a Python program may attach to ours and we to its.
 *
 * The memory stays until it is unlinked and everybody has closed it. A new segment is backed by memory at once: if there
 * is none left the constructor says so, and using it later cannot fail. A tracked segment that nobody unlinked
 * is removed when the last process of the tree has ended, however it ended.
 *
 * @example
 * using shm = new SharedMemory({ create: true, size: 1024 });
 * shm.buf.write("hello");                            // elsewhere: new SharedMemory({ name: shm.name }).buf
 *
 * Differs from Python: attaching by passing the object to another process does not track it a second time.
 *
 * Safe from: any process and thread; the bytes themselves need a lock or Atomics. Blocks: never.
 * Source: CPython Lib/multiprocessing/shared_memory.py; shm_overview(7).
 */
export class SharedMemory implements Disposable {
  readonly name: string;
  /** In bytes, as the file has it. */
  readonly size: number;
  private buffer: Buffer | undefined;
  private root: Root | undefined;

  /**
   * @throws {SystemError} EEXIST when creating and the name is taken; ENOENT when attaching and there is none; ENOSPC when
   * the memory is not there; EMFILE without descriptors
   * @throws {TypeError} ERR_INVALID_ARG_TYPE, {RangeError} ERR_OUT_OF_RANGE for a bad name or size
   * @throws {IpcError} ERR_NOT_A_SEGMENT when the name is that of something else
   */
  constructor(options: SharedMemoryOptions) {
    const received = (options as unknown) instanceof Received ? (options as unknown as Received).handle : undefined;
    const o = received ? { name: received.name, track: false } : options;
    checkOptions(o);
    this.root = received?.root;
    const { name, fd } = o.create ? this.create(o) : { name: o.name!, fd: openFile(o.name!) };
    this.name = name;
    try {
      this.buffer = Buffer.from(mapFile(fd, `map shared memory ${JSON.stringify(name)}`));
      if (!o.create) this.trackUnless(o.track === false);
    } catch (error) {
      if (o.create) this.unlink();
      throw error;
    } finally {
      closeSync(fd);
    }
    this.size = this.buffer.length;
  }

  /** Tracked as soon as it exists: a process killed at any later moment leaves nothing. */
  private create(o: SharedMemoryOptions): { name: string; fd: number } {
    const created = o.name === undefined ? createFileNamed(madeUp) : { name: o.name, fd: createFile(o.name) };
    try {
      (this as { name: string }).name = created.name;
      this.trackUnless(o.track === false);
      sizeFile(created.fd, o.size!, `create shared memory ${JSON.stringify(created.name)} of ${o.size} bytes`);
      return created;
    } catch (error) {
      closeSync(created.fd);
      this.unlink();
      throw error;
    }
  }

  private trackUnless(untracked: boolean): void {
    if (untracked) return;
    track(this.name);
    this.root = ownRoot();
  }

  /** The bytes. @throws {IpcError} ERR_CLOSED after {@link close} */
  get buf(): Buffer {
    if (this.buffer) return this.buffer;
    throw new IpcError("ERR_CLOSED", `cannot use shared memory ${JSON.stringify(this.name)}: it was closed here`);
  }

  /** Lets go of the memory: every view of `buf` becomes empty. Others keep theirs. Closing twice does nothing. */
  close(): void {
    if (this.buffer) native.detach(this.buffer.buffer as ArrayBuffer);
    this.buffer = undefined;
  }

  /**
   * Removes the name; the memory goes when everybody has closed it. To be called by one process, once.
   * @throws {SystemError} ENOENT when there is no such name any more
   */
  unlink(): void {
    const { name, root } = this;
    removeFile(name);
    this.root = undefined;
    if (root) untrack(name, root);
  }

  /** {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  toString(): string {
    return `SharedMemory(${inspect(this.name)}, size=${this.size})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal */
  static pack(shm: SharedMemory): Handle {
    return { name: shm.name, root: shm.root };
  }
}

/** Outside of the class: bundlers rename a class that names itself inside. @internal */
export function unpackSharedMemory(handle: unknown): SharedMemory {
  return new SharedMemory(new Received(handle as Handle) as unknown as SharedMemoryOptions);
}

registerShared({
  name: "SharedMemory",
  cls: SharedMemory,
  pack: SharedMemory.pack,
  unpack: unpackSharedMemory,
});
