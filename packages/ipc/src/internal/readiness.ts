/** Waiting until a descriptor can be read or written: blocking (poll(2)) and on the event loop (uv_poll). */
import { checked, INTERRUPTED } from "./checked.js";
import { onMainThread } from "./main-thread.js";
import { type NativeHandle, native } from "./native.js";
import { POLLIN, POLLOUT, READABLE, WRITABLE } from "./sys/constants.js";

export type Direction = typeof READABLE | typeof WRITABLE;

/** A thread that is terminated ends once it is back in JavaScript: it looks that often, in milliseconds. */
const LONGEST_SLEEP = 250;

/**
 * Calls `sleep`, which waits that many milliseconds (negative: for ever), until it returns something else than 0 or the
 * time is over: a signal does not end the wait, and a thread that is terminated does not have to be woken.
 */
export function throughSignals(timeout: number, sleep: (milliseconds: number) => number): number {
  if (timeout <= 0) {
    const ready = sleep(0);
    return ready === INTERRUPTED ? 0 : ready;
  }
  const endless = timeout === Number.POSITIVE_INFINITY;
  const deadline = endless ? timeout : performance.now() + timeout;
  for (let left = timeout; ; left = endless ? left : deadline - performance.now()) {
    const slice = left > LONGEST_SLEEP && !onMainThread() ? LONGEST_SLEEP : left;
    const ready = sleep(slice === Number.POSITIVE_INFINITY ? -1 : Math.max(slice, 0));
    if (ready !== INTERRUPTED && (ready !== 0 || slice === left)) return ready;
  }
}

/** poll(2) that a signal does not end. Returns how many of the triples (descriptor, wanted, found) are ready. */
export function pollTriples(triples: Int32Array, timeout: number): number {
  const count = triples.length / 3;
  const ready = throughSignals(timeout, (milliseconds) => native.poll(triples, count, milliseconds));
  return checked<number>(ready, "poll", "wait for descriptors");
}

const one = new Int32Array(3);

/** Blocks the thread until the descriptor is ready (end of file and errors count); false after `timeout` milliseconds. */
export function pollDescriptor(fd: number, direction: Direction, timeout: number): boolean {
  one[0] = fd;
  one[1] = direction === READABLE ? POLLIN : POLLOUT;
  return pollTriples(one, timeout) > 0;
}

/**
 * The event loop's interest in one descriptor. It keeps the loop alive only while somebody waits.
 *
 * Interest in reading is given up lazily: the next wait usually comes before the next byte, and the two epoll_ctl(2)
 * calls between them would cost more than the read. A wake-up that nobody waits for ends it.
 */
export class Watch {
  private readonly waiting = { [READABLE]: new Set<() => void>(), [WRITABLE]: new Set<() => void>() };
  private handle: NativeHandle | undefined;
  private armed = 0;
  private referenced = true;

  constructor(private readonly fd: number) {}

  /** Calls `onReady` each time that the descriptor is ready, until the returned function is called. */
  on(direction: Direction, onReady: () => void): () => void {
    const waiters = this.waiting[direction];
    waiters.add(onReady);
    try {
      this.update(false);
    } catch (error) {
      waiters.delete(onReady);
      throw error;
    }
    return () => {
      if (waiters.delete(onReady)) this.update(true);
    };
  }

  private update(lazily: boolean): void {
    const readers = this.waiting[READABLE].size > 0 || (lazily && this.armed & READABLE) ? READABLE : 0;
    const wanted = readers | (this.waiting[WRITABLE].size > 0 ? WRITABLE : 0);
    if (wanted !== this.armed) this.arm(wanted);
    const referenced = this.waiting[READABLE].size + this.waiting[WRITABLE].size > 0;
    if (referenced === this.referenced || this.handle === undefined) return;
    this.referenced = referenced;
    native.watchRef(this.handle, referenced ? 1 : 0);
  }

  private arm(wanted: number): void {
    this.handle ??= checked<NativeHandle>(
      native.watchOpen(this.fd, this.onEvents),
      "uv_poll_init",
      "watch a descriptor",
    );
    this.armed = 0;
    if (wanted === 0) native.watchStop(this.handle);
    else checked(native.watchStart(this.handle, wanted), "uv_poll_start", "watch a descriptor");
    this.armed = wanted;
  }

  private readonly onEvents = (events: number): void => {
    const idle = this.waiting[READABLE].size === 0;
    // libuv stops a watch that reports an error (EPOLLERR): whoever waits finds out by trying.
    if (events < 0) this.armed = 0;
    if (events < 0 || events & READABLE) for (const onReady of [...this.waiting[READABLE]]) onReady();
    if (events < 0 || events & WRITABLE) for (const onReady of [...this.waiting[WRITABLE]]) onReady();
    if (this.handle && (idle || events < 0)) this.update(false);
  };

  /** Ends all interest; must come before the descriptor is closed. Whoever still waits is called, to look for himself. */
  close(): void {
    const left = [...this.waiting[READABLE], ...this.waiting[WRITABLE]];
    this.waiting[READABLE].clear();
    this.waiting[WRITABLE].clear();
    if (this.handle) native.watchClose(this.handle);
    this.handle = undefined;
    this.armed = 0;
    for (const onReady of left) onReady();
  }
}
