/**
 * When a descriptor can be read and written, on the event loop: one greenlet at a time waits for each direction.
 *
 * A direction that was ready stays watched if whoever waited waits for it again by then: a connection that is read again and again costs no system
 * call for the watch. Whoever is interrupted, or too late, leaves no watch: nobody waits, and it would keep the event loop.
 *
 * INVARIANT: the watch is closed before the descriptor is, also where the socket is dropped and collected.
 */
import { READABLE, timedOut, Watch, WRITABLE } from "@cordage/ipc/sys";
import { GeventError } from "../errors.js";
import { inTime } from "./time.js";
import { Waiter } from "./waiter.js";

export type Direction = typeof READABLE | typeof WRITABLE;

export class Readiness {
  private watch: Watch | undefined;
  private watched = 0;
  private reader: Waiter<void> | undefined;
  private writer: Waiter<void> | undefined;

  constructor(private readonly fd: number) {}

  /**
   * Waits until the direction is ready.
   * @param timeout milliseconds; Infinity: without end
   * @throws {TimeoutError} ERR_TIMEOUT, @throws {GeventError} ERR_CONCURRENT_USE if another greenlet waits for it already
   */
  wait(direction: Direction, timeout: number, doing: string): void {
    const waiter = new Waiter<void>(doing);
    this.take(direction, waiter, doing);
    let isReady = false;
    try {
      this.start(this.watched | direction);
      isReady = inTime(waiter, { timeout }, doing);
      if (!isReady) throw timedOut(doing);
    } finally {
      this.leave(direction, waiter);
      if (!isReady) this.start(this.watched & ~direction);
    }
  }

  private take(direction: Direction, waiter: Waiter<void>, doing: string): void {
    if (direction === READABLE ? this.reader : this.writer)
      throw new GeventError("ERR_CONCURRENT_USE", `cannot ${doing}: another greenlet waits in the same call`);
    if (direction === READABLE) this.reader = waiter;
    else this.writer = waiter;
  }

  private leave(direction: Direction, waiter: Waiter<void>): void {
    if (direction === READABLE && this.reader === waiter) this.reader = undefined;
    if (direction === WRITABLE && this.writer === waiter) this.writer = undefined;
  }

  private start(events: number): void {
    if (events === this.watched) return;
    this.watch ??= new Watch(this.fd, this.onReady);
    this.watched = events;
    if (events === 0) this.watch.stop();
    else this.watch.start(events);
  }

  private readonly onReady = (found: number): void => {
    // After an error libuv has stopped: whoever waits calls the system again, which says what it is.
    if (found < 0) this.watched = 0;
    const events = found < 0 ? READABLE | WRITABLE : found;
    if (events & READABLE) this.wake(this.reader);
    if (events & WRITABLE) this.wake(this.writer);
    if (this.watch) this.start(this.watched & ~this.unwanted(events));
  };

  private wake(waiter: Waiter<void> | undefined): void {
    waiter?.endNow();
  }

  private unwanted(events: number): number {
    return (this.reader ? 0 : events & READABLE) | (this.writer ? 0 : events & WRITABLE);
  }

  /** For good: whoever waits has the error thrown. */
  close(error: Error): void {
    this.watch?.close();
    this.watch = undefined;
    this.watched = 0;
    this.reader?.fail(error);
    this.writer?.fail(error);
  }
}
