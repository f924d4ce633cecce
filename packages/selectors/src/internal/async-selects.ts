/**
 * The waiting calls of one selector on the event loop: served in their order, from one watch.
 *
 * Where the watch does not show everything, every change is followed by a look on the next turn, before the watch begins: what it does
 * not show is a plain file, always ready, was closed before anybody waited, or is held by a connection that had read ahead.
 */
import { Pending } from "@cordage/ipc/sys";
import type { Epoll } from "./epoll.js";

/** What it asks of the selector. */
export interface Waited<R> {
  look(): R[];
  /** Nothing was found although the watch called. */
  falseAlarm(): void;
  watched(): Epoll;
  /** Whether that shows everything that can be ready. */
  showsAll(): boolean;
  /** Whether anything can become ready. */
  worthwhile(): boolean;
}

export class AsyncSelects<R> {
  private readonly waiting: Pending<R[]>[] = [];
  private stop: (() => void) | undefined;
  private turn: NodeJS.Immediate | undefined;

  constructor(private readonly selector: Waited<R>) {}

  wait(timeout: number, signal: AbortSignal | undefined): Promise<R[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push(new Pending(resolve, reject, signal, timeout, "select", this.giveUp, [] as R[]));
      this.watch();
    });
  }

  /**
   * Watches as long as somebody waits for something: with nothing registered, nobody keeps the process alive. What cannot be watched is
   * the error of those who wait.
   */
  watch(): void {
    if (this.waiting.length === 0 || !this.selector.worthwhile()) {
      this.unwatch();
      return;
    }
    try {
      if (this.selector.showsAll()) this.begin();
      else this.turn ??= setImmediate(this.onTurn);
    } catch (error) {
      this.end(error);
    }
  }

  private begin(): void {
    this.stop ??= this.selector.watched().watch(this.onReady);
  }

  /** Until the next `watch`: what is watched is about to go. */
  unwatch(): void {
    this.stop?.();
    this.stop = undefined;
    clearImmediate(this.turn);
    this.turn = undefined;
  }

  private readonly onReady = (): void => this.serve(() => this.selector.falseAlarm());

  private readonly onTurn = (): void => {
    this.turn = undefined;
    this.serve(() => this.begin());
  };

  private serve(otherwise: () => void): void {
    const first = this.waiting[0];
    if (!first) return;
    try {
      const found = this.selector.look();
      if (found.length === 0) {
        otherwise();
        return;
      }
      this.prepare();
      this.waiting.shift();
      first.settle(found);
    } catch (error) {
      this.waiting.shift();
      first.fail(error);
    }
    this.watch();
  }

  /** The first wait makes what is watched, if it can: when it is needed there may be no descriptor left. */
  private prepare(): void {
    try {
      this.selector.watched();
    } catch {
      // What is ready needs none.
    }
  }

  private readonly giveUp = (pending: Pending<R[]>): boolean => {
    const at = this.waiting.indexOf(pending);
    if (at >= 0) this.waiting.splice(at, 1);
    this.watch();
    return at >= 0;
  };

  end(reason: unknown): void {
    this.unwatch();
    for (const pending of this.waiting.splice(0)) pending.fail(reason);
  }
}
