/** Serves those who wait to put and to get, on the hub, where `endNow` is at once. */
import { type Callback, runNow, schedule } from "./hub.js";
import type { Line } from "./line.js";

/**
 * Serves, in one turn, only as often as somebody waits when it begins: those who go on, and wait again, have another turn. Two who hand items to
 * each other would otherwise never let anybody else have theirs, timers and I/O included.
 */
export class Unlocker implements Callback {
  private isComing = false;

  /**
   * @param getters, @param putters who waits
   * @param canServe whether one of them can go on
   * @param serve lets the one whose turn it is go on, at once; called only if one can
   */
  constructor(
    private readonly getters: Line<unknown>,
    private readonly putters: Line<unknown>,
    private readonly canServe: () => boolean,
    private readonly serve: () => void,
  ) {}

  soon(): void {
    if (this.isComing) return;
    this.isComing = true;
    schedule(this);
  }

  /** In a callback of the event loop: at once, unless its turn is coming anyway. */
  now(): void {
    if (this.isComing) return;
    this.isComing = true;
    runNow(this);
  }

  /** For the hub. */
  run(): void {
    this.isComing = false;
    for (let left = this.getters.length + this.putters.length; this.canServe(); left--) {
      if (left <= 0) {
        this.soon();
        return;
      }
      this.serve();
    }
  }
}
