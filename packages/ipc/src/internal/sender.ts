/**
 * Sending in all forms. Messages leave in the order in which they were handed over, each whole: once its first byte is
 * written, neither a timeout nor a signal stops it. A blocking send first writes what waits before it.
 */
import { closedError, type Descriptor } from "./descriptor.js";
import { Fairness } from "./fairness.js";
import { FrameWriter, type Outgoing } from "./frame-writer.js";
import { Pending, timedOut } from "./pending.js";
import { pollDescriptor } from "./readiness.js";
import { WRITABLE } from "./sys/constants.js";
import { Spin } from "./waiting.js";

const DOING = "send to the connection";
const MOST_TRIES = 200;

export interface Message {
  readonly bytes: Uint8Array;
  /** HEADROOM bytes in front of it are free for the header. It comes from the codec, and is valid until it encodes again. */
  readonly framed: boolean;
}

interface Entry {
  readonly outgoing: Outgoing;
  readonly pending: Pending<void>;
}

export class Sender {
  private readonly writer: FrameWriter;
  private readonly queue: Entry[] = [];
  private readonly spin = new Spin(MOST_TRIES);
  private readonly fairness = new Fairness();
  private stopWatching: (() => void) | undefined;

  constructor(private readonly descriptor: Descriptor) {
    this.writer = new FrameWriter(descriptor);
  }

  /** Whether messages wait that are handed over already. */
  get busy(): boolean {
    return this.queue.length > 0;
  }

  sendSync(message: Message, descriptors: readonly number[], timeout: number): void {
    const deadline = timeout === Number.POSITIVE_INFINITY ? timeout : performance.now() + timeout;
    if (this.busy)
      this.until(
        () => this.flush(),
        deadline,
        () => true,
      );
    const rest = this.start(message, descriptors);
    if (rest)
      this.until(
        () => this.writer.resume(rest),
        deadline,
        () => !rest.started,
      );
  }

  private start({ bytes, framed }: Message, descriptors: readonly number[]): Outgoing | undefined {
    return framed ? this.writer.startFramed(bytes as Buffer, descriptors) : this.writer.start(bytes, descriptors);
  }

  private prepare({ bytes, framed }: Message, descriptors: readonly number[]): Outgoing {
    return framed ? this.writer.prepareFramed(bytes as Buffer, descriptors) : this.writer.prepare(bytes, descriptors);
  }

  /** Blocks until `attempt` is done; the deadline counts only while `mayStop`. */
  private until(attempt: () => boolean, deadline: number, mayStop: () => boolean): void {
    if (this.spin.run({ attempt: () => attempt() || undefined })) return;
    while (!attempt()) {
      const left = mayStop() ? deadline - performance.now() : Number.POSITIVE_INFINITY;
      if (left <= 0 || !pollDescriptor(this.descriptor.fd, WRITABLE, left)) throw timedOut(DOING);
    }
  }

  send(
    message: Message,
    descriptors: readonly number[],
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const outgoing = this.busy ? this.prepare(message, descriptors) : this.start(message, descriptors);
      if (!outgoing) return this.fairness.resolve(resolve, undefined);
      if (timeout <= 0 && !outgoing.started) throw timedOut(DOING);
      const pending = new Pending(resolve, reject, signal, timeout, DOING, this.giveUp);
      this.queue.push({ outgoing: outgoing.keep(), pending });
      this.stopWatching ??= this.descriptor.watch.on(WRITABLE, this.pump);
    });
  }

  /** Writes on; true once nothing waits. */
  private flush(): boolean {
    while (this.queue.length > 0) {
      const { outgoing, pending } = this.queue[0]!;
      try {
        if (!this.writer.resume(outgoing)) return false;
        this.queue.shift();
        pending.settle();
      } catch (error) {
        this.queue.shift();
        outgoing.dropDescriptors();
        pending.fail(error);
      }
    }
    this.rest();
    return true;
  }

  private readonly pump = (): void => {
    this.flush();
  };

  private rest(): void {
    this.stopWatching?.();
    this.stopWatching = undefined;
  }

  private readonly giveUp = (pending: Pending<void>): boolean => {
    const at = this.queue.findIndex((entry) => entry.pending === pending);
    if (at < 0 || this.queue[at]!.outgoing.started) return false;
    this.queue[at]!.outgoing.dropDescriptors();
    this.queue.splice(at, 1);
    if (this.queue.length === 0) this.rest();
    return true;
  };

  close(): void {
    this.rest();
    for (const { outgoing, pending } of this.queue.splice(0)) {
      outgoing.dropDescriptors();
      pending.fail(closedError(DOING));
    }
  }
}
