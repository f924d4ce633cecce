/**
 * When the parent looks at what its workers have said: on the event loop, with a few eager turns before it sleeps; or in
 * a thread that blocks until something has happened.
 */
import { EagerTurns, pollTriples } from "@cordage/ipc/sys";
import type { Crew } from "./crew.js";
import { leavesForkedChild, type PoolWorker } from "./worker.js";

const POLLIN = 1;
/** Looks before a blocking wait sleeps: together as long as a blocked hand-over takes. */
const LOOKS = 500;

export class Attention {
  private readonly eager = new EagerTurns();
  private awake = false;
  private timer: NodeJS.Timeout | undefined;

  /** `look` does whatever there is to do; true if there was something. */
  constructor(
    private readonly crew: Crew,
    private readonly look: () => boolean,
    private readonly onEnd: (worker: PoolWorker) => void,
  ) {}

  /** Something was asked of the workers: their answers are expected from now on. */
  readonly expect = (): void => {
    if (this.awake) return;
    this.awake = true;
    this.eager.start(this.turn, this.sleep);
  };

  /** Something has happened. */
  readonly wake = (): void => {
    this.eager.stop();
    this.awake = true;
    if (this.looked()) this.eager.start(this.turn, this.sleep);
    else this.sleep();
  };

  /** What goes wrong is told as any uncaught exception is; the answers that are to come are heard all the same. */
  private looked(): boolean {
    try {
      return this.look();
    } catch (error) {
      if (leavesForkedChild(error)) throw error; // nothing here is the child's
      process.nextTick(() => {
        throw error;
      });
      return true;
    }
  }

  private readonly turn = (): boolean => {
    if (!this.anythingSaid()) return false;
    this.wake();
    return true;
  };

  private readonly sleep = (): void => {
    this.awake = false;
    if (this.announce()) this.arm();
    else this.wake();
  };

  private anythingSaid(): boolean {
    for (const { link } of this.crew.workers) if (link.incoming.size > 0) return true;
    return false;
  }

  /** Tells every worker that whoever has something to say must ring; false if one has said something already. */
  private announce(): boolean {
    for (const { link } of this.crew.workers) if (!link.announceSleep()) return false;
    return true;
  }

  /** What is due needs a timer while nobody looks. */
  arm(): void {
    clearTimeout(this.timer);
    const next = this.crew.nextDue;
    if (next === Number.POSITIVE_INFINITY) return;
    this.timer = setTimeout(this.wake, Math.max(next - performance.now(), 1)).unref();
  }

  /** Blocks the thread until `done`; false after `timeout` milliseconds. */
  blockUntil(done: () => boolean, timeout: number): boolean {
    const deadline = performance.now() + timeout;
    for (;;) {
      while (this.look()) if (done()) return true;
      if (done()) return true;
      if (this.spin()) continue;
      if (performance.now() >= deadline) return false;
      if (this.announce()) this.block(Math.min(deadline, this.crew.nextDue) - performance.now());
    }
  }

  private spin(): boolean {
    for (let i = 0; i < LOOKS; i++) if (this.anythingSaid()) return true;
    return false;
  }

  private block(limit: number): void {
    const workers = [...this.crew.workers];
    const fds = workers.flatMap(({ sentinel, link }) => (link.deaf ? [sentinel] : [sentinel, link.fd]));
    pollTriples(Int32Array.from(fds.flatMap((fd) => [fd, POLLIN, 0])), Math.max(limit, 0));
    // The event loop, which would notice, does not turn.
    for (const worker of workers) {
      this.crew.hearBell(worker);
      if (worker.process.exitcode !== undefined) this.onEnd(worker);
    }
  }

  stop(): void {
    this.eager.stop();
    clearTimeout(this.timer);
  }
}
