/**
 * How long the calls of one socket wait: for ever, not at all, or so many milliseconds. As in CPython's socketmodule.c, a
 * socket that waits for ever is blocking in the kernel too, so that each call is one system call; one with a time limit is
 * not, and poll(2) waits.
 *
 * On a worker thread the kernel never blocks: a thread that is terminated would not end before its call did.
 *
 * Whether it blocks belongs to the open file, which others may have too: a copy by `dup`, a forked child, another process. What is
 * known to be shared is never blocking in the kernel; what somebody else has changed is noticed where a call fails for it, and
 * MSG_DONTWAIT makes up for it where the call takes flags.
 */
import {
  AGAIN,
  beforeFork,
  checked,
  native,
  O_NONBLOCK,
  onMainThread,
  pollDescriptor,
  pollTriples,
  type READABLE,
  timedOut,
  type WRITABLE,
} from "@cordage/ipc/sys";
import { MSG_DONTWAIT } from "../constants.js";
import { socketError } from "../errors.js";

export type Direction = typeof READABLE | typeof WRITABLE;

const FOREVER = Number.POSITIVE_INFINITY;
const POLLIN = 1;
const POLLERR = 8;

let forks = 0;
beforeFork(() => {
  forks++;
});

export class Patience {
  /** Milliseconds, Infinity for ever. */
  timeout = FOREVER;
  private blockingInKernel = true;
  private shared = false;
  private readonly madeAfter = forks;

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
    const blocking = timeout === FOREVER && onMainThread() && this.alone;
    if (blocking !== this.blockingInKernel) checked(native.setBlocking(this.fd, blocking ? 1 : 0), "ioctl", doing);
    this.blockingInKernel = blocking;
    this.timeout = timeout;
  }

  /** Nobody else is known to have the open file. */
  private get alone(): boolean {
    return !this.shared && this.madeAfter === forks;
  }

  /** The descriptor has another owner from now on, on a thread that the kernel may block. */
  leave(): void {
    if (this.timeout === FOREVER && !this.blockingInKernel && this.alone) native.setBlocking(this.fd, 1);
  }

  /** Others have the same open file from now on, and a patience of their own. */
  share(doing: string): void {
    this.shared = true;
    this.set(this.timeout, doing);
  }

  /** To be added to the flags of a call, so that the kernel does not block it. */
  get flags(): number {
    return this.blockingInKernel ? 0 : MSG_DONTWAIT;
  }

  /** Whether a call that would have to wait is to be made again later. */
  retries(): boolean {
    if (this.timeout !== 0 && this.blockingInKernel)
      this.blockingInKernel =
        (checked<number>(native.getFlags(this.fd), "fcntl", "look at the socket") & O_NONBLOCK) === 0;
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
    if (result !== AGAIN || !this.retries()) throw socketError(result, syscall, doing);
    if (!this.ready(direction, deadline)) throw timedOut(doing);
  }

  ready(direction: Direction, deadline: number): boolean {
    return pollDescriptor(this.fd, direction, left(deadline));
  }

  /** Whether there is something to receive in time, and no error. */
  more(deadline: number): boolean {
    const triple = Int32Array.of(this.fd, POLLIN, 0);
    return pollTriples(triple, left(deadline)) > 0 && (triple[2]! & POLLERR) === 0;
  }
}

function left(deadline: number): number {
  return deadline === FOREVER ? FOREVER : Math.max(deadline - performance.now(), 0);
}
