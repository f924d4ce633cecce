/** Asynchronous reads: the kernel waits and copies, and says when both are done. */
import { IpcError, SystemError } from "../../errors.js";
import { afterFork } from "../after-fork.js";
import { AGAIN, checked, systemError } from "../checked.js";
import { type NativeHandle, native } from "../native.js";
import { integerOf } from "../options.js";
import { READABLE } from "./constants.js";
import { Watch } from "./watch.js";

const MOST_READS = 4096;
const LONGEST_READ = 2 ** 31 - 1;

interface Pending {
  resolve(bytes: Buffer): void;
  reject(error: Error): void;
}

const reasons: Partial<Record<string, string>> = {
  ENOSYS: "this kernel has no io_uring (Linux 5.6 and newer do), or a sandbox hides it",
  EPERM: "io_uring is forbidden here, by the sysctl kernel.io_uring_disabled or by a sandbox's seccomp filter",
  EACCES: "io_uring is forbidden here, by a sandbox",
  ENOMEM: "the limit of locked memory (ulimit -l) is too low for a ring",
};

/** Rings with reads in flight: nothing else may refer to one whose promise somebody awaits. */
const busy = new Set<IoUring>();

/** What is left to do for a ring that is collected without having been closed, in the order that its descriptor needs. */
const unclosed = new FinalizationRegistry<() => void>((close) => close());

/** The reads are the parent's: it gets their bytes, and its promises settle there. */
afterFork(() => {
  for (const ring of [...busy]) ring.forget();
});

/**
 * A ring of io_uring: reads that are handed to the kernel and come back with their bytes. Reads that are asked for in one turn
 * of JavaScript are handed over together, in one system call.
 *
 * The bytes lie in memory that belongs to the kernel until the read is done: no buffer of the caller's is written to meanwhile.
 * A ring keeps the process alive only while a read is in flight. In a forked child the parent's ring is closed.
 *
 * @example
 * using ring = new IoUring();
 * const bytes = await ring.read(socket, 1024);
 *
 * Blocks: never; {@link close} as it says. Safe from: the thread that made it. Source: io_uring(7).
 */
export class IoUring implements Disposable {
  private readonly handle: NativeHandle;
  private readonly watch: Watch;
  private readonly done: Int32Array;
  private readonly pending = new Map<number, Pending>();
  /** Read, but not handed over yet. */
  private queued: number[] = [];
  private closed = false;
  private handedOver = 0;
  private entered = 0;

  /**
   * @param reads how many may be in flight at once: 1 to 4096
   * @throws {SystemError} ENOSYS, EPERM where this kernel has no io_uring or forbids it, see {@link unavailable}; EMFILE, ENOMEM
   */
  constructor(reads = 64) {
    const most = integerOf(reads, "reads", "make a ring", 1, MOST_READS);
    this.handle = open(most);
    this.done = new Int32Array(most);
    this.watch = watchRing(this.handle, new WeakRef(this));
    const { handle, watch } = this;
    unclosed.register(this, () => end(handle, watch), this);
  }

  /** Why rings cannot be made here; undefined where they can. */
  static unavailable(): string | undefined {
    const handle = native.uringOpen(1);
    if (typeof handle === "number") return reasonOf(systemError(handle, "io_uring_setup"));
    native.uringClose(handle);
    return undefined;
  }

  /** How many reads the kernel was handed. */
  get submissions(): number {
    return this.handedOver;
  }

  /** How many system calls that took: io_uring_enter(2). */
  get enters(): number {
    return this.entered;
  }

  /**
   * Reads at most `length` bytes (1 to 2**31 - 1) as soon as there are some, from a non-blocking descriptor too. The descriptor
   * may be closed meanwhile: the read goes on.
   *
   * @returns the bytes; none at the end of the file
   * @throws {SystemError} EBADF, EISDIR, ECONNRESET; EBUSY when as many reads are in flight as the ring has room for; from
   * early kernels EAGAIN when a non-blocking descriptor has nothing
   * @throws {IpcError} ERR_CLOSED, also when the ring is closed meanwhile
   */
  async read(fd: number, length: number): Promise<Buffer> {
    const most = integerOf(length, "length", "read", 1, LONGEST_READ);
    if (this.closed) throw closedError();
    const id = checked<number>(native.uringRead(this.handle, fd, most), "io_uring_enter", "read");
    if (this.queued.push(id) === 1) queueMicrotask(() => this.submit());
    this.setBusy();
    return new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
  }

  /**
   * Ends every read that is in flight, and rejects it with ERR_CLOSED; bytes that it had already are lost. Again: does nothing.
   *
   * Blocks: thread, until the kernel has let go of the reads: at once for pipes and sockets, for a file until the disk has answered.
   */
  close(): void {
    if (this.closed) return;
    const waiting = [...this.pending.values()];
    this.forget();
    for (const { reject } of waiting) reject(closedError());
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal Closes it and leaves unsettled what waits: for a forked child, where that is its parent's. */
  forget(): void {
    this.closed = true;
    this.pending.clear();
    this.queued = [];
    unclosed.unregister(this);
    end(this.handle, this.watch);
    busy.delete(this);
  }

  /** @internal What the bell is for: settles what is done. */
  settle(): void {
    const count = native.uringTake(this.handle, this.done);
    if (count < 0) this.forget(); // a forked child hears its parent's bell
    for (const id of this.done.subarray(0, Math.max(count, 0))) this.settleOne(id, native.uringBytes(this.handle, id));
  }

  private settleOne(id: number, bytes: ArrayBuffer | number): void {
    const { resolve, reject } = this.pending.get(id)!;
    this.pending.delete(id);
    if (typeof bytes === "number") reject(systemError(bytes, "read"));
    else resolve(Buffer.from(bytes));
    if (this.pending.size === 0) this.setIdle();
  }

  private submit(): void {
    if (this.closed) return;
    const ids = this.queued;
    this.queued = [];
    const taken = native.uringSubmit(this.handle);
    this.entered++;
    this.handedOver += Math.max(taken, 0);
    for (const id of ids.slice(Math.max(taken, 0))) this.settleOne(id, taken < 0 ? taken : AGAIN);
  }

  private setBusy(): void {
    busy.add(this);
    this.watch.ref(true);
  }

  private setIdle(): void {
    busy.delete(this);
    this.watch.ref(false);
  }
}

function reasonOf({ code }: SystemError): string {
  return reasons[code] ?? `io_uring_setup failed with ${code}`;
}

function refusal(result: number): SystemError {
  const error = systemError(result, "io_uring_setup");
  return new SystemError(error.code, error.errno, error.syscall, `cannot make a ring: ${reasonOf(error)}`);
}

function open(reads: number): NativeHandle {
  const handle = native.uringOpen(reads);
  if (typeof handle === "number") throw refusal(handle);
  return handle;
}

/** The watch must not keep the ring: one that nobody uses is collected. */
function watchRing(handle: NativeHandle, ring: WeakRef<IoUring>): Watch {
  const watch = new Watch(native.uringEventfd(handle), () => ring.deref()?.settle());
  watch.start(READABLE);
  watch.ref(false);
  return watch;
}

/** The watch first: libuv may not meet a closed descriptor. */
function end(handle: NativeHandle, watch: Watch): void {
  watch.close();
  native.uringClose(handle);
}

function closedError(): IpcError {
  return new IpcError("ERR_CLOSED", "cannot read: the ring was closed");
}
