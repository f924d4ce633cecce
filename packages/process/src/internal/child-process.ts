/**
 * A started child as its parent sees it.
 *
 * Life: launched -> running (watched on the event loop; in `running`) -> ended (reaped once, by whoever looks first)
 * -> closed. Whoever notices the end runs `finish` exactly once: the event loop, a blocking join, or a poll.
 */
import {
  checked,
  type NativeHandle,
  native,
  pollDescriptor,
  READABLE,
  retryPendingWaits,
  watchPendingWaits,
} from "@cordage/ipc/sys";
import { arrangeExit } from "./at-exit.js";
import type { Launched } from "./launched.js";

/** Children that have not been seen to end, in the order of their start. */
export const running = new Set<ChildProcess>();

let waitsPending = false;
let watchingWaits = false;

/** A daemon alone keeps no process alive, but a wait that it could end does. */
function followPendingWaits(): void {
  if (watchingWaits) return;
  watchingWaits = true;
  watchPendingWaits((pending) => {
    waitsPending = pending;
    for (const child of running) child.holdLoop();
  });
}

export class ChildProcess {
  exitcode: number | undefined;
  private readonly ended: Promise<void>;
  private resolveEnded!: () => void;
  private watch: NativeHandle | undefined;
  private sentinelDescriptor: number | undefined;
  /** How many promises wait for its end: they keep the event loop alive, even for a daemon's. */
  private waiting = 0;

  constructor(
    private readonly launched: Launched,
    readonly daemon: boolean,
    /** The user's object, for activeChildren(). */
    readonly object: object,
  ) {
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    running.add(this);
    arrangeExit();
    followPendingWaits();
    this.watch = checked<NativeHandle>(
      native.watchOpen(launched.endDescriptor, () => this.poll()),
      "uv_poll_init",
      "watch a child process",
    );
    checked(native.watchStart(this.watch, READABLE), "uv_poll_start", "watch a child process");
    this.holdLoop();
  }

  get pid(): number {
    return this.launched.pid;
  }

  /** Keeps the event loop alive as long as a child runs that is not a daemon, or that somebody waits for. */
  holdLoop(): void {
    if (this.watch) native.watchRef(this.watch, !this.daemon || waitsPending || this.waiting > 0 ? 1 : 0);
  }

  /** Resolves once the child has ended, or `giveUp` has resolved. */
  async end(giveUp: Promise<void> | undefined): Promise<void> {
    this.waiting++;
    this.holdLoop();
    try {
      await (giveUp ? Promise.race([this.ended, giveUp]) : this.ended);
    } finally {
      this.waiting--;
      this.holdLoop();
    }
  }

  poll(): number | undefined {
    if (this.exitcode !== undefined) return this.exitcode;
    const code = this.launched.poll();
    if (code !== undefined) this.finish(code);
    return code;
  }

  private finish(code: number): void {
    this.exitcode = code;
    running.delete(this);
    if (this.watch) native.watchClose(this.watch);
    this.watch = undefined;
    this.launched.close();
    this.resolveEnded();
    // What it did last may have ended a wait, and the news still be on its way while nothing holds the event loop.
    retryPendingWaits();
  }

  /** Blocks the thread for at most `timeout` milliseconds; true once the child has ended. */
  waitSync(timeout: number): boolean {
    const deadline = performance.now() + timeout;
    while (this.poll() === undefined) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      pollDescriptor(this.launched.endDescriptor, READABLE, left);
    }
    return true;
  }

  signal(number: number): void {
    if (this.poll() === undefined) this.launched.signal(number);
  }

  /** A descriptor of its own, readable from the end of the child until `closeSentinel`. */
  sentinel(): number {
    if (this.sentinelDescriptor !== undefined) return this.sentinelDescriptor;
    this.sentinelDescriptor = this.poll() === undefined ? native.dup(this.launched.endDescriptor) : alwaysReadable();
    return checked(this.sentinelDescriptor, "dup", "make a sentinel");
  }

  closeSentinel(): void {
    if (this.sentinelDescriptor !== undefined) native.close(this.sentinelDescriptor);
    this.sentinelDescriptor = undefined;
  }
}

/** The read end of a pipe whose writer is gone: at its end for ever. */
function alwaysReadable(): number {
  const ends = new Int32Array(2);
  checked(native.pipe(ends, 1), "pipe", "make a sentinel");
  native.close(ends[1]!);
  return ends[0]!;
}
