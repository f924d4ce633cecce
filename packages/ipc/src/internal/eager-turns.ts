/**
 * Trying again on the next turns of the event loop before going to sleep in epoll_wait(2): an answer that comes within
 * a few dozen microseconds is then had without the 50 us that waking a sleeper takes. Done only where it has paid
 * lately, because the turns use the processor.
 */
import { availableParallelism } from "node:os";

/** How long the turns last where they pay, in milliseconds. */
const LONGEST = availableParallelism() > 1 ? 0.15 : 0;

export class EagerTurns {
  private credit = 2;
  private waits = 0;
  private immediate: NodeJS.Immediate | undefined;

  /** Calls `attempt` until it returns true or the time is over; then `sleep`. */
  start(attempt: () => boolean, sleep: () => void): void {
    const worth = this.credit > 0 || ++this.waits % 32 === 0;
    if (LONGEST > 0 && worth) this.turn(attempt, sleep, performance.now() + LONGEST);
    else sleep();
  }

  private turn(attempt: () => boolean, sleep: () => void, end: number): void {
    this.immediate = setImmediate(() => {
      this.immediate = undefined;
      if (attempt()) {
        this.credit = Math.min(this.credit + 1, 8);
      } else if (performance.now() < end) {
        this.turn(attempt, sleep, end);
      } else {
        this.credit = Math.max(this.credit - 2, 0);
        sleep();
      }
    });
  }

  stop(): void {
    if (this.immediate) clearImmediate(this.immediate);
    this.immediate = undefined;
  }
}
