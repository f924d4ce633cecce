/**
 * Accepting in all forms. In the promise form everybody who came proves himself at the same time as the others; who is
 * done first goes to whoever waits first.
 */
import { Connection } from "../connection.js";
import type { ReportedAddress } from "./address.js";
import { authenticate, authenticateSync } from "./authentication.js";
import { closedError, type Descriptor } from "./descriptor.js";
import { Pending, timedOut } from "./pending.js";
import { pollDescriptor } from "./readiness.js";
import { type Accepted, acceptFrom } from "./stream-socket.js";
import { READABLE } from "./sys/constants.js";

const DOING = "accept a connection";
/** How many may be proving themselves at a time. */
const MOST_HANDSHAKES = 64;

/** Somebody came: with a connection, or with the reason why there is none. */
type Arrival = { connection: Connection; from: ReportedAddress | undefined } | { error: unknown };

export class Acceptor {
  lastAccepted: ReportedAddress | undefined;
  private readonly waiting: Pending<Connection>[] = [];
  private readonly arrivals: Arrival[] = [];
  private readonly handshakes = new Set<Connection>();
  private stopWatching: (() => void) | undefined;

  constructor(
    private readonly socket: Descriptor,
    private readonly key: Uint8Array | undefined,
    private readonly handshakeTimeout: number,
  ) {}

  acceptSync(timeout: number): Connection {
    const deadline = performance.now() + timeout;
    for (;;) {
      const arrival = this.arrivals.shift();
      if (arrival) return this.taken(arrival);
      const accepted = acceptFrom(this.socket);
      if (accepted) return this.taken(this.provenSync(accepted));
      const left = deadline - performance.now();
      if (left <= 0 || !pollDescriptor(this.socket.fd, READABLE, left)) throw timedOut(DOING);
    }
  }

  private provenSync({ descriptor, from }: Accepted): Arrival {
    const connection = new Connection(descriptor);
    try {
      if (this.key) authenticateSync(connection, "listener", this.key, this.handshakeTimeout);
      return { connection, from };
    } catch (error) {
      return { error };
    }
  }

  private taken(arrival: Arrival): Connection {
    if ("error" in arrival) throw arrival.error;
    this.lastAccepted = arrival.from;
    return arrival.connection;
  }

  accept(timeout: number, signal: AbortSignal | undefined): Promise<Connection> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const pending = new Pending(resolve, reject, signal, timeout, DOING, this.giveUp);
      this.waiting.push(pending);
      this.welcome();
    });
  }

  /** Takes in who has come, as long as somebody waits for them. */
  private readonly welcome = (): void => {
    try {
      this.hand();
      while (this.wanting) {
        const accepted = acceptFrom(this.socket);
        if (!accepted) break;
        this.receive(accepted);
        this.hand();
      }
    } catch (error) {
      this.waiting.shift()?.fail(error);
    }
    this.watch();
  };

  private get wanting(): boolean {
    return this.waiting.length > 0 && this.handshakes.size < MOST_HANDSHAKES;
  }

  private receive({ descriptor, from }: Accepted): void {
    const connection = new Connection(descriptor);
    if (!this.key) {
      this.arrivals.push({ connection, from });
      return;
    }
    this.handshakes.add(connection);
    authenticate(connection, "listener", this.key, this.handshakeTimeout, undefined).then(
      () => this.proven(connection, { connection, from }),
      (error) => this.proven(connection, { error }),
    );
  }

  private proven(connection: Connection, arrival: Arrival): void {
    if (!this.handshakes.delete(connection)) return; // the listener was closed meanwhile
    this.arrivals.push(arrival);
    this.welcome();
  }

  private hand(): void {
    while (this.waiting.length > 0 && this.arrivals.length > 0) {
      const pending = this.waiting.shift()!;
      const arrival = this.arrivals.shift()!;
      if ("error" in arrival) pending.fail(arrival.error);
      else pending.settle(this.taken(arrival));
    }
  }

  private watch(): void {
    if (!this.wanting) {
      this.stopWatching?.();
      this.stopWatching = undefined;
    } else this.stopWatching ??= this.socket.watch.on(READABLE, this.welcome);
  }

  private readonly giveUp = (pending: Pending<Connection>): boolean => {
    const at = this.waiting.indexOf(pending);
    if (at >= 0) this.waiting.splice(at, 1);
    this.watch();
    return at >= 0;
  };

  close(): void {
    this.stopWatching?.();
    this.stopWatching = undefined;
    for (const pending of this.waiting.splice(0)) pending.fail(closedError(DOING));
    for (const connection of this.handshakes) connection.close();
    this.handshakes.clear();
    for (const arrival of this.arrivals.splice(0)) if ("connection" in arrival) arrival.connection.close();
  }
}
