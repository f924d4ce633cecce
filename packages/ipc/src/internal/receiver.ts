/**
 * Receiving in all forms. Requests are served in the order in which they were made; a blocking one serves those that
 * wait before it. A request that gives up loses nothing: what has arrived of a message stays with the reader.
 */
import { closedError, type Descriptor } from "./descriptor.js";
import { EagerTurns } from "./eager-turns.js";
import { Fairness } from "./fairness.js";
import { type Frame, FrameReader, type Wanted } from "./frame-reader.js";
import { Pending, timedOut } from "./pending.js";
import { pollDescriptor } from "./readiness.js";
import { READABLE } from "./sys/constants.js";
import { Spin } from "./waiting.js";

const DOING = "receive from the connection";
/** Tries of about 0.3 us each: together as long as a blocked hand-over takes. */
const MOST_TRIES = 200;
/** Each message waits once, so that where both ends share a processor every fruitless spin is felt. */
const TRIES_EVERY = 128;

interface Request {
  readonly wanted: Wanted;
  readonly pending: Pending<Frame>;
}

export class Receiver {
  readonly reader: FrameReader;
  private readonly queue: Request[] = [];
  private readonly spin = new Spin(MOST_TRIES, TRIES_EVERY);
  private readonly eager = new EagerTurns();
  private readonly fairness = new Fairness();
  private readonly polls = new Set<Pending<boolean>>();
  private stopWatching: (() => void) | undefined;

  constructor(private readonly descriptor: Descriptor) {
    this.reader = new FrameReader(descriptor);
  }

  receiveSync(wanted: Wanted, timeout: number): Frame {
    const now = this.attempt(wanted);
    if (now) return now;
    const deadline = timeout === Number.POSITIVE_INFINITY ? timeout : performance.now() + timeout;
    let frame = timeout > 0 ? this.spin.run({ attempt: () => this.attempt(wanted) }) : undefined;
    while (!frame) {
      const left = deadline - performance.now();
      if (left <= 0 || !pollDescriptor(this.descriptor.fd, READABLE, left)) throw timedOut(DOING);
      frame = this.attempt(wanted);
    }
    return frame;
  }

  receive(wanted: Wanted, timeout: number, signal: AbortSignal | undefined): Promise<Frame> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const now = this.attempt(wanted);
      if (now) return this.fairness.resolve(resolve, now);
      if (timeout <= 0) throw timedOut(DOING);
      const pending = new Pending(resolve, reject, signal, timeout, DOING, this.giveUp);
      this.queue.push({ wanted, pending });
      if (this.queue.length === 1) this.eager.start(this.pump, this.watch);
    });
  }

  private attempt(wanted: Wanted): Frame | undefined {
    return this.serve() ? this.reader.attempt(wanted) : undefined;
  }

  /** Serves those who wait, in their order; true once nobody does. */
  private serve(): boolean {
    while (this.queue.length > 0) {
      const { wanted, pending } = this.queue[0]!;
      try {
        const frame = this.reader.attempt(wanted);
        if (!frame) return false;
        this.queue.shift();
        pending.settle(frame);
      } catch (error) {
        this.queue.shift();
        pending.fail(error);
      }
    }
    this.rest();
    return true;
  }

  private readonly pump = (): boolean => this.serve();

  private readonly watch = (): void => {
    this.stopWatching ??= this.descriptor.watch.on(READABLE, this.pump);
  };

  private rest(): void {
    this.eager.stop();
    this.stopWatching?.();
    this.stopWatching = undefined;
  }

  private readonly giveUp = (pending: Pending<Frame>): boolean => {
    const at = this.queue.findIndex((request) => request.pending === pending);
    if (at >= 0) this.queue.splice(at, 1);
    if (this.queue.length === 0) this.rest();
    return at >= 0;
  };

  /** Resolves with whether anything can be received, or the end was reached, within `timeout` milliseconds. */
  becomesReadable(timeout: number, signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      let stop = (): void => {};
      const end = (): boolean => {
        stop();
        return this.polls.delete(pending);
      };
      const pending = new Pending<boolean>(resolve, reject, signal, timeout, "poll", end, false);
      stop = this.descriptor.watch.on(READABLE, () => {
        end();
        pending.settle(true);
      });
      this.polls.add(pending);
    });
  }

  close(): void {
    this.rest();
    for (const poll of this.polls) poll.fail(closedError("poll the connection"));
    this.polls.clear();
    for (const { pending } of this.queue.splice(0)) pending.fail(closedError(DOING));
    this.reader.close();
  }
}
