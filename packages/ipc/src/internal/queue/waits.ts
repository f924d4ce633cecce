/** The three waits of a queue, for internal/waiting.ts. */
import { IpcError, QueueShutDown } from "../../errors.js";
import { type Message, openMessage } from "../codec/index.js";
import { type Attempt, Spin } from "../waiting.js";
import type { Bell } from "./bell.js";
import { OPEN } from "./layout.js";
import type { QueueMemory } from "./memory.js";

/** Whether one wrapper of a queue was closed; its waits see it. */
export interface Gate {
  closed: boolean;
}

export function refuseIfClosed(gate: Gate, doing: string): void {
  if (gate.closed) throw new IpcError("ERR_QUEUE_CLOSED", `cannot ${doing} the queue: it is closed`);
}

abstract class Wait<T> implements Attempt<T> {
  constructor(
    protected readonly memory: QueueMemory,
    private readonly bell: Bell,
    readonly spin = new Spin(),
  ) {}

  get words(): Int32Array {
    return this.bell.words;
  }

  get index(): number {
    return this.bell.index;
  }

  announce(): number {
    return this.bell.announce();
  }

  abstract attempt(slept: boolean): T | undefined;

  /** What a sleeper owes the others behind the same bell once it has succeeded. */
  protected passBaton(more: boolean): void {
    this.bell.announce();
    if (more) this.bell.ring();
  }
}

/**
 * Waits for an item. It is opened at once, because its bytes lie where the next will; what runs code of others, which
 * might call the queue again, is left to the caller.
 */
export class GetWait extends Wait<Message> {
  constructor(
    memory: QueueMemory,
    private readonly gate: Gate,
  ) {
    super(memory, memory.items);
  }

  attempt(slept: boolean): Message | undefined {
    const { memory } = this;
    const length = memory.take();
    if (length < 0) {
      this.refuseIfOver();
      return undefined;
    }
    if (slept) this.passBaton(memory.size() > 0);
    return openMessage(memory.payload(), length);
  }

  private refuseIfOver(): void {
    refuseIfClosed(this.gate, "get from");
    // In this order: once shut down nothing is added, so empty then is empty for ever.
    if (this.memory.state() !== OPEN && this.memory.size() === 0)
      throw new QueueShutDown("cannot get from the queue: it was shut down, and nothing is left");
  }
}

/** Waits for space and puts one payload there. */
export class PutWait extends Wait<true> {
  constructor(
    memory: QueueMemory,
    private readonly gate: Gate,
    spin: Spin,
    private readonly payload: Uint8Array,
  ) {
    super(memory, memory.space, spin);
  }

  attempt(slept: boolean): true | undefined {
    refuseIfClosed(this.gate, "put on");
    if (!this.memory.put(this.payload)) return undefined;
    if (slept) this.passBaton(!this.memory.full());
    return true;
  }
}

/** Waits until every item that was put has been reported done. */
export class JoinWait extends Wait<true> {
  constructor(memory: QueueMemory) {
    super(memory, memory.tasks);
  }

  attempt(): true | undefined {
    return this.memory.unfinished() === 0 || undefined;
  }
}
