/** The waiting calls of one selector on the event loop: served in their order, from one watch. */
import { Pending } from "@cordage/ipc/sys";
import type { Epoll } from "./epoll.js";

export class AsyncSelects<R> {
  private readonly waiting: Pending<R[]>[] = [];
  private stop: (() => void) | undefined;

  constructor(
    private readonly look: () => R[],
    private readonly watched: () => Epoll,
    private readonly worthwhile: () => boolean,
  ) {}

  wait(timeout: number, signal: AbortSignal | undefined): Promise<R[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push(new Pending(resolve, reject, signal, timeout, "select", this.giveUp, [] as R[]));
      this.watch();
    });
  }

  /** Watches as long as somebody waits for something: with nothing registered, nobody keeps the process alive. */
  watch(): void {
    if (this.waiting.length === 0 || !this.worthwhile()) this.unwatch();
    else this.stop ??= this.watched().watch(this.onReady);
  }

  /** Until the next `watch`: what is watched is about to go. */
  unwatch(): void {
    this.stop?.();
    this.stop = undefined;
  }

  private readonly onReady = (): void => {
    const first = this.waiting[0];
    if (!first) return;
    try {
      const found = this.look();
      if (found.length === 0) return;
      this.waiting.shift();
      first.settle(found);
    } catch (error) {
      this.waiting.shift();
      first.fail(error);
    }
    this.watch();
  };

  private readonly giveUp = (pending: Pending<R[]>): boolean => {
    const at = this.waiting.indexOf(pending);
    if (at >= 0) this.waiting.splice(at, 1);
    this.watch();
    return at >= 0;
  };

  end(reason: Error): void {
    this.unwatch();
    for (const pending of this.waiting.splice(0)) pending.fail(reason);
  }
}
