/** Records what a reader does, while it does it. */
import { now, sentAt } from "./message.js";
import { doUnitOfWork } from "./other-work.js";
import type { Call, Message, Recording, Span } from "./recording.js";

export class Recorder {
  private readonly began = now();
  private readonly messages: Message[] = [];
  private readonly calls: Call[] = [];
  private readonly work: Span[] = [];
  private readonly asked: number[] = [];
  private signals = 0;

  /** @param lesson what the model is about, in a sentence */
  constructor(
    private readonly title: string,
    private readonly lesson: string,
  ) {}

  /** Makes a system call, counted and timed, also when it throws. */
  call<R>(name: string, make: () => R): R {
    const from = this.time();
    try {
      return make();
    } finally {
      this.calls.push({ name, from, to: this.time() });
    }
  }

  /** As {@link call}, for one that is made as soon as the JavaScript that runs now has returned. */
  callSoon<R>(name: string, make: () => R): R {
    const from = this.time();
    const result = make();
    queueMicrotask(() => this.calls.push({ name, from, to: this.time() }));
    return result;
  }

  /** A message was received by the last system call: that copied it, once it was there. */
  received(message: Buffer, connection = 0): void {
    const call = this.calls.at(-1)!;
    this.add(message, connection, call.from, call.to, false);
  }

  /** A message was received, and no system call of ours copied it: the kernel did, at some time between its arrival and now. */
  completed(message: Buffer): void {
    this.add(message, 0, 0, this.time(), true);
  }

  private add(message: Buffer, connection: number, earliest: number, to: number, byKernel: boolean): void {
    const arrived = Math.min(sentAt(message) - this.began, to);
    const copied = { from: Math.max(arrived, earliest), to };
    this.messages.push({ connection, asked: this.asked[connection] ?? 0, arrived, copied, byKernel });
    this.asked[connection] = to;
  }

  heardSignal(): void {
    this.signals++;
  }

  /** Does one unit of other work. */
  workMeanwhile(): void {
    const from = this.time();
    doUnitOfWork();
    this.work.push({ from, to: this.time() });
  }

  end(): Recording {
    const { title, lesson, messages, calls, work, signals } = this;
    return { title, lesson, messages, calls, work, signals, end: this.time() };
  }

  private time(): number {
    return now() - this.began;
  }
}
