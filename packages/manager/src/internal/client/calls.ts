/** Calls that return promises, until they have been answered. */
import { Status } from "../protocol.js";
import type { Answer } from "./messages.js";

export interface Call {
  readonly id: number;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  readonly signal: AbortSignal | undefined;
  onAbort?: () => void;
  /** The bytes, until they have left this process. */
  unsent?: Buffer;
}

export class Calls {
  private readonly underWay = new Map<number, Call>();

  constructor(
    private readonly onAbort: (call: Call) => void,
    /** The last one is over. */
    private readonly onIdle: () => void,
  ) {}

  get idle(): boolean {
    return this.underWay.size === 0;
  }

  get(id: number): Call | undefined {
    return this.underWay.get(id);
  }

  add(call: Call): void {
    this.underWay.set(call.id, call);
    if (!call.signal) return;
    call.onAbort = () => this.onAbort(call);
    call.signal.addEventListener("abort", call.onAbort, { once: true });
  }

  settle(call: Call, [status, value]: Answer): void {
    this.forget(call);
    if (status === Status.VALUE) call.resolve(value);
    else if (status === Status.CANCELLED) call.reject(call.signal?.reason);
    else call.reject(value);
  }

  fail(call: Call, reason: unknown): void {
    this.forget(call);
    call.reject(reason);
  }

  failAll(reason: unknown): void {
    for (const call of [...this.underWay.values()]) this.fail(call, reason);
  }

  /** Those whose bytes have left this process, each with an error of its own. */
  failSent(reason: () => unknown): void {
    for (const call of [...this.underWay.values()]) if (!call.unsent) this.fail(call, reason());
  }

  /** Hands the bytes of those that wait for a connection to `send`, one by one. */
  sendWaiting(send: (message: Buffer) => void): void {
    for (const call of this.underWay.values()) {
      if (!call.unsent) continue;
      send(call.unsent);
      delete call.unsent;
    }
  }

  private forget(call: Call): void {
    this.underWay.delete(call.id);
    if (call.onAbort) call.signal!.removeEventListener("abort", call.onAbort);
    if (this.idle) this.onIdle();
  }
}
