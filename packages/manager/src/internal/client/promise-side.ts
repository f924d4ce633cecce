/**
 * The connection for calls that return promises: opened when it is first needed, and again after it was lost.
 *
 *   idle -> connecting -> open -> idle
 */
import type { Socket } from "node:net";
import { Channel } from "../protocol.js";
import type { CertainTarget } from "../target.js";
import type { Wire } from "../wire.js";
import { closed } from "./failures.js";
import { type Greeted, helloOf, type Opened, open } from "./open.js";

/** Whoever has the connection hears what becomes of it. */
export interface Hearer {
  /** @throws when it is not the server that is meant */
  onGreeting(welcome: Greeted): void;
  onOpen(wire: Wire): void;
  onMessage(frame: Buffer, owned: boolean): void;
  /** It could not be opened. */
  onFailure(error: unknown): void;
  onLoss(error: Error | undefined): void;
}

export class PromiseSide {
  private wire: Wire | undefined;
  /** Of the wire, from before it is one. */
  private socket: Socket | undefined;
  private connecting: Promise<void> | undefined;
  /** How often it was opened: the server may not know yet that the one before was lost. */
  number = 0;
  private holds = false;
  private over = false;

  constructor(private readonly hearer: Hearer) {}

  /** What it sends over, while it is open. */
  get open(): Wire | undefined {
    return this.wire;
  }

  /** Opens it, if it is not being opened already. @throws as `open` (the promise, which may be left alone) */
  connect(target: CertainTarget, session: string): Promise<void> {
    this.connecting ??= this.openWire(target, session).finally(() => {
      this.connecting = undefined;
    });
    this.connecting.catch(() => {}); // those who called are told
    return this.connecting;
  }

  private async openWire(target: CertainTarget, session: string): Promise<void> {
    try {
      const hello = helloOf(Channel.CALLS, session, ++this.number);
      this.begin(await open(target, hello, (socket) => this.has(socket)));
    } catch (error) {
      if (!this.over) this.hearer.onFailure(error);
      throw error;
    }
  }

  private has(socket: Socket): void {
    this.socket = socket;
    this.hold(this.holds);
  }

  private begin({ wire, welcome }: Opened): void {
    try {
      if (this.over) throw closed();
      this.hearer.onGreeting(welcome);
    } catch (error) {
      wire.destroy();
      throw error;
    }
    this.wire = wire;
    wire.onClose = (error) => this.lost(wire, error);
    wire.open(Number.MAX_SAFE_INTEGER, (frame, owned) => this.hearer.onMessage(frame, owned));
    this.hearer.onOpen(wire);
  }

  private lost(wire: Wire, error: Error | undefined): void {
    if (wire !== this.wire) return;
    this.wire = undefined;
    this.hearer.onLoss(error);
  }

  /** A wait for a call keeps the process alive; the connection by itself does not. */
  hold(holds: boolean): void {
    this.holds = holds;
    if (holds) this.socket?.ref();
    else this.socket?.unref();
  }

  /** For good. */
  close(): void {
    this.over = true;
    this.wire?.flush();
    this.socket?.end();
    this.wire = undefined;
  }

  /** Without a word to the other side: of a forked child, whose parent goes on with it. */
  abandon(): void {
    this.over = true;
    this.socket?.destroy();
    this.wire = undefined;
  }
}
