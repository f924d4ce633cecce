/**
 * How long the calls of one socket wait: for ever, not at all, or so many milliseconds. As in CPython's socketmodule.c, a
 * socket that waits for ever is blocking in the kernel too, so that each call is one system call; one with a time limit is
 * not, and poll(2) waits.
 *
 * On a worker thread the kernel never blocks: a thread that is terminated would not end before its call did.
 */
import {
  AGAIN,
  checked,
  native,
  onMainThread,
  pollDescriptor,
  type READABLE,
  timedOut,
  type WRITABLE,
} from "@cordage/ipc/sys";
import { socketError } from "../errors.js";

export type Direction = typeof READABLE | typeof WRITABLE;

const FOREVER = Number.POSITIVE_INFINITY;

export class Patience {
  /** Milliseconds, Infinity for ever. */
  timeout = FOREVER;
  private blockingInKernel = true;

  /** @param nonblocking how the descriptor is now */
  constructor(
    private readonly fd: number,
    nonblocking: boolean,
  ) {
    this.blockingInKernel = !nonblocking;
    if (nonblocking) this.timeout = 0;
    else if (!onMainThread()) this.set(FOREVER, "make a socket");
  }

  set(timeout: number, doing: string): void {
    const blocking = timeout === FOREVER && onMainThread();
    if (blocking !== this.blockingInKernel) checked(native.setBlocking(this.fd, blocking ? 1 : 0), "ioctl", doing);
    this.blockingInKernel = blocking;
    this.timeout = timeout;
  }

  /** Whether a call that fails may be tried again later. */
  get limited(): boolean {
    return this.timeout !== 0 && !this.blockingInKernel;
  }

  /** When a call that begins now must have ended. */
  deadline(): number {
    return this.timeout === FOREVER ? FOREVER : performance.now() + this.timeout;
  }

  /**
   * Whether a failed call is worth another try: waits for that as long as it may, and throws where it may not.
   * @param result the negated errno
   */
  wait(result: number, direction: Direction, deadline: number, syscall: string, doing: string): void {
    if (result !== AGAIN || !this.limited) throw socketError(result, syscall, doing);
    if (!this.ready(direction, deadline)) throw timedOut(doing);
  }

  ready(direction: Direction, deadline: number): boolean {
    const left = deadline === FOREVER ? FOREVER : deadline - performance.now();
    return pollDescriptor(this.fd, direction, Math.max(left, 0));
  }
}
