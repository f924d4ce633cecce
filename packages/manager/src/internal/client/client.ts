/**
 * This thread's session with a server: a connection for promises, and one for calls that block, each opened when it is
 * first needed, and again after it was lost.
 *
 *   idle -> connecting -> open -> idle (lost; calls under way fail, because nobody knows whether they were carried out)
 *
 * INVARIANT: what one thread calls takes effect in the order of its calls, whether they block or not: what waits for the
 * first connection goes out over the second one, and that is told to wait for what the first has sent (AFTER).
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { threadId } from "node:worker_threads";
import { afterFork, beforeFork, decode, encodeBriefly, kept, onMainThread } from "@cordage/ipc/sys";
import { currentProcess } from "@cordage/process";
import { ConnectionLostError, ManagerError } from "../../errors.js";
import type { BaseProxy } from "../../proxy.js";
import { HEADER } from "../frames.js";
import { addressed, Channel, ENVELOPE, Operation, opened, Status } from "../protocol.js";
import type { Shown } from "../reference.js";
import { type CertainTarget, shownAddress, type Target } from "../target.js";
import { ReferenceTransfer, type Token } from "../token.js";
import type { Wire } from "../wire.js";
import { type BlockingChannel, openBlocking } from "./blocking.js";
import { type Greeted, helloOf, open } from "./open.js";
import { References } from "./references.js";
import { fromServer } from "./remote.js";

/** Milliseconds to reach a server and prove oneself. */
const CONNECT_TIMEOUT = 20_000;

interface Call {
  readonly id: number;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  readonly signal: AbortSignal | undefined;
  onAbort?: () => void;
  /** The bytes, until they have left this process. */
  unsent?: Buffer;
}

type Answer = [status: Status, value: unknown];

const encoding = { reserve: ENVELOPE, shared: false };

export class Client {
  readonly references: References;
  private readonly transfer: ClientTransfer;
  private session = newSession();
  private wire: Wire | undefined;
  /** Of the wire, from before it is one. */
  private socket: Socket | undefined;
  private connecting: Promise<void> | undefined;
  /** How often it was opened: the server may not know yet that the one before was lost. */
  private opened = 0;
  private blocking: BlockingChannel | undefined;
  private readonly calls = new Map<number, Call>();
  /** Controls that no connection has taken yet. */
  private controls: Buffer[] = [];
  private lastId = 0;
  private largest = Number.POSITIVE_INFINITY;
  /** Messages that the first connection has taken, and of them those that are known to have reached the kernel. */
  private sent = 0;
  private flushed = 0;
  /** What the second connection was told to wait for. */
  private awaited = 0;
  /** The session has been there, and may have to be told again what it has. */
  private known = false;
  private closed = false;
  /** Managers that use it; a client that only proxies use is closed with its process. */
  managers = 0;
  /** Of the fork that is about to happen. */
  private inheritance = "";

  constructor(
    /** The server's name; empty until it is known. */
    public server: string,
    readonly target: Target,
  ) {
    this.transfer = new ClientTransfer(this);
    this.references = new References(this);
  }

  private get certain(): CertainTarget {
    return { ...this.target, key: this.target.key ?? currentProcess().authkey };
  }

  // --- calls that return promises

  call(ident: number, method: string, args: unknown[], signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.refuseIfClosed();
      const id = ++this.lastId;
      const message = this.encoded(id, [ident, method, ...args]);
      const call: Call = { id, resolve, reject, signal };
      this.calls.set(id, call);
      if (signal) this.listen(call, signal);
      if (this.wire) this.transmit(message);
      else {
        call.unsent = kept(message);
        this.connect();
      }
      this.holdLoop();
    });
  }

  private encoded(id: number, value: unknown[]): Buffer {
    const message = addressed(encodeBriefly(value, this.transfer, encoding), id);
    const length = message.length - HEADER;
    if (length <= this.largest) return message;
    const reason = `a message may have ${this.largest} bytes (maxMessage), and this one has ${length}`;
    throw new ManagerError("ERR_MESSAGE_TOO_LONG", `cannot call the manager: ${reason}`);
  }

  private listen(call: Call, signal: AbortSignal): void {
    call.onAbort = () => this.cancel(call);
    signal.addEventListener("abort", call.onAbort, { once: true });
  }

  /** What the server has not begun to wait for yet is simply not sent; else it says how the call ended. */
  private cancel(call: Call): void {
    if (call.unsent) this.settle(call, Status.CANCELLED, undefined);
    else this.control(Operation.CANCEL, call.id);
  }

  private transmit(message: Buffer): void {
    this.wire!.send(message);
    this.sent++;
  }

  /** A wait for a call keeps the process alive; the connection by itself does not. */
  private holdLoop(): void {
    if (this.calls.size > 0) this.socket?.ref();
    else this.socket?.unref();
  }

  // --- the connection for them

  private connect(): Promise<void> {
    this.connecting ??= this.openWire().finally(() => {
      this.connecting = undefined;
    });
    this.connecting.catch(() => {}); // those who called are told
    return this.connecting;
  }

  /** Connects now rather than at the first call. @throws as `open` */
  async connected(): Promise<void> {
    this.refuseIfClosed();
    if (!this.wire) await this.connect();
  }

  private async openWire(): Promise<void> {
    const { session } = this;
    try {
      const onSocket = (socket: Socket) => {
        this.socket = socket;
        this.holdLoop();
      };
      const hello = helloOf(Channel.CALLS, session, ++this.opened);
      const { wire, welcome } = await open(this.certain, hello, CONNECT_TIMEOUT, onSocket);
      if (this.closed || session !== this.session) {
        wire.destroy(); // closed, or forked, meanwhile
        throw this.closedError();
      }
      this.greeted(welcome);
      this.begin(wire);
    } catch (error) {
      // Without a connection, no call has been answered that was not sent over this one.
      if (session === this.session) for (const call of [...this.calls.values()]) this.fail(call, error);
      throw error;
    }
  }

  private begin(wire: Wire): void {
    this.wire = wire;
    this.sent = 0;
    this.flushed = 0;
    this.awaited = 0;
    wire.onClose = (error) => this.lost(wire, error);
    wire.open(Number.MAX_SAFE_INTEGER, (frame, owned) => this.answered(frame, owned));
    for (const control of this.controls.splice(0)) this.transmit(control);
    for (const call of this.calls.values()) {
      if (!call.unsent) continue;
      this.transmit(call.unsent);
      delete call.unsent;
    }
    this.holdLoop();
  }

  /** @throws {ManagerError} ERR_MANAGER_RESTARTED */
  private greeted({ server, resumed, largest }: Greeted): void {
    if (this.server === "") this.server = server;
    if (server !== this.server)
      throw new ManagerError(
        "ERR_MANAGER_RESTARTED",
        `cannot use the shared objects: another server is at ${shownAddress(this.target.address)} now; connect to that one`,
      );
    this.largest = largest;
    if (this.known && !resumed) this.references.claimAgain();
    this.known = true;
  }

  private lost(wire: Wire, error: Error | undefined): void {
    if (wire !== this.wire) return;
    this.wire = undefined;
    const reason = error ? `: ${error.message}` : "";
    for (const call of [...this.calls.values()]) if (!call.unsent) this.fail(call, this.lostError(reason, error));
  }

  private lostError(reason: string, cause: unknown): ConnectionLostError {
    const where = shownAddress(this.target.address);
    const message = `the connection to the manager at ${where} was lost${reason}; whether the call was carried out is not known`;
    return new ConnectionLostError(message, { cause });
  }

  // --- answers

  private answered(frame: Buffer, owned: boolean): void {
    const { id, bytes } = opened(frame);
    const call = this.calls.get(id);
    try {
      const [status, value] = this.decoded(bytes, owned); // also of a call that is over: it may hold references
      if (call) this.settle(call, status, value);
    } catch (error) {
      if (call) this.fail(call, error);
    }
  }

  private decoded(bytes: Buffer, owned: boolean): Answer {
    return decode(bytes, this.transfer, { shared: false, owned }) as Answer;
  }

  private settle(call: Call, status: Status, value: unknown): void {
    this.forget(call);
    if (status === Status.VALUE) call.resolve(value);
    else if (status === Status.CANCELLED) call.reject(call.signal?.reason);
    else call.reject(fromServer(value, this.target.address));
  }

  private fail(call: Call, reason: unknown): void {
    this.forget(call);
    call.reject(reason);
  }

  private forget(call: Call): void {
    this.calls.delete(call.id);
    if (call.onAbort) call.signal!.removeEventListener("abort", call.onAbort);
    if (this.calls.size === 0) this.holdLoop();
  }

  // --- controls

  /** Says something that has no answer; if there is no connection, with the next one. */
  control(operation: Operation, ...args: unknown[]): void {
    const message = addressed(encodeBriefly([operation, ...args], undefined, encoding), 0);
    if (this.wire) this.transmit(message);
    else if (this.blocking) this.tell(this.blocking, message);
    else {
      this.controls.push(kept(message));
      this.connectSoon();
    }
  }

  private tell(channel: BlockingChannel, message: Buffer): void {
    try {
      channel.send(message);
    } catch {
      this.blocking = undefined; // what it was told is void with it
    }
  }

  /** Not at once: most threads that receive a proxy use it, and some block at once. */
  private connectSoon(): void {
    setImmediate(() => {
      if (!this.closed && !this.wire && this.controls.length > 0) void this.connect();
    }).unref();
  }

  /** What was said about references before is void. */
  forgetControls(): void {
    this.controls = [];
  }

  /** Sends what was said now: somebody else, who may be faster, depends on it. */
  flush(): void {
    if (this.wire?.flush()) this.flushed = this.sent;
  }

  // --- calls that block

  /** Blocks: the thread. */
  callSync(ident: number, method: string, args: unknown[]): unknown {
    this.refuseIfClosed();
    const id = ++this.lastId;
    const message = kept(this.encoded(id, [ident, method, ...args]));
    const channel = this.openBlocking();
    try {
      this.sendBefore(channel);
      channel.send(message);
      return this.resultFrom(channel, id);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      throw this.blockingLost(error.cause);
    }
  }

  private openBlocking(): BlockingChannel {
    if (this.blocking) return this.blocking;
    const channel = openBlocking(this.certain, this.session, CONNECT_TIMEOUT);
    try {
      this.greeted(channel.greeted);
    } catch (error) {
      channel.close();
      throw error;
    }
    this.awaited = 0;
    this.blocking = guarded(channel);
    return this.blocking;
  }

  /** What must have taken effect before. */
  private sendBefore(channel: BlockingChannel): void {
    if (this.wire) {
      this.flush();
      if (this.flushed > this.awaited) {
        this.awaited = this.flushed;
        channel.send(addressed(encodeBriefly([Operation.AFTER, this.awaited], undefined, encoding), 0));
      }
      return;
    }
    for (const control of this.controls.splice(0)) channel.send(control);
    for (const call of this.calls.values()) if (call.unsent) this.forward(call, channel);
  }

  /** Its answer comes over the connection that is being opened. */
  private forward(call: Call, channel: BlockingChannel): void {
    const control = [Operation.FORWARD, call.unsent!.subarray(HEADER), this.opened];
    channel.send(addressed(encodeBriefly(control, undefined, encoding), 0));
    delete call.unsent;
  }

  private resultFrom(channel: BlockingChannel, id: number): unknown {
    for (;;) {
      const answer = opened(channel.receive());
      if (answer.id !== id) continue; // of a call that was given up when the other one broke
      const [status, value] = this.decoded(answer.bytes, true);
      if (status === Status.VALUE) return value;
      throw fromServer(value, this.target.address);
    }
  }

  private blockingLost(cause: unknown): ConnectionLostError {
    this.blocking?.close();
    this.blocking = undefined;
    return this.lostError(cause instanceof Error ? `: ${cause.message}` : "", cause);
  }

  // --- the end, and forks

  private refuseIfClosed(): void {
    if (this.closed) throw this.closedError();
  }

  private closedError(): ManagerError {
    return new ManagerError(
      "ERR_MANAGER_CLOSED",
      "cannot call the manager: it was shut down, or its connection closed",
    );
  }

  close(): void {
    this.closed = true;
    this.wire?.flush();
    this.socket?.end();
    this.wire = undefined;
    this.blocking?.close();
    this.blocking = undefined;
    for (const call of [...this.calls.values()]) this.fail(call, this.closedError());
  }

  /** All that this session has is kept for the child that is about to be forked. */
  beforeFork(): void {
    this.inheritance = "";
    if (this.closed || this.references.size === 0) return;
    this.inheritance = randomBytes(12).toString("hex");
    this.control(Operation.LEND_ALL, this.inheritance);
    this.flush();
  }

  /** The child is another session; its copies of connections are its parent's. */
  afterFork(): void {
    this.socket?.destroy();
    this.wire = undefined;
    this.blocking?.close();
    this.blocking = undefined;
    this.connecting = undefined;
    this.calls.clear(); // their promises are the parent's
    this.controls = [];
    this.session = newSession();
    this.known = false;
    if (this.inheritance !== "") this.control(Operation.INHERIT, this.inheritance);
  }
}

/** The connection failed, as opposed to the call. */
class Broken extends Error {}

/** Tells failures of the connection from those of calls. */
function guarded(channel: BlockingChannel): BlockingChannel {
  const guard = <A extends unknown[], R>(work: (...args: A) => R) => {
    return (...args: A): R => {
      try {
        return work(...args);
      } catch (cause) {
        throw new Broken("the connection failed", { cause });
      }
    };
  };
  return {
    greeted: channel.greeted,
    send: guard((message: Buffer) => channel.send(message)),
    receive: guard(() => channel.receive()),
    close: () => channel.close(),
  };
}

/** Begins with who it is, for people. */
function newSession(): string {
  const thread = onMainThread() ? "" : `.${threadId}`;
  return `${process.pid}${thread}-${randomBytes(16).toString("hex")}`;
}

/** What goes along with the messages of one client. */
class ClientTransfer extends ReferenceTransfer {
  constructor(private readonly client: Client) {
    super();
  }

  get server(): string {
    return this.client.server;
  }

  name(ident: number): unknown[] {
    return [ident];
  }

  proxyOf(name: unknown[]): BaseProxy {
    const [ident, typeid, kind, exposed] = name as [number, string, string, string[]];
    const shown: Shown = { ident, typeid, kind, exposed };
    return this.client.references.given(shown);
  }
}

const clients = new Map<string, Client>();

/** This thread's session with a server; there is one for each. */
export function clientOf(server: string, target: Target): Client {
  const known = clients.get(server);
  if (known) return known;
  const made = new Client(server, target);
  clients.set(server, made);
  return made;
}

/** This thread's session with whatever server is there. @throws as `open` */
export async function connectTo(target: Target): Promise<Client> {
  const client = new Client("", target);
  await client.connected();
  const known = clients.get(client.server);
  if (known) {
    client.close();
    return known;
  }
  clients.set(client.server, client);
  return client;
}

/** A manager has used it: with the last one it is closed. */
export function leaveClient(client: Client): void {
  if (--client.managers > 0) return;
  if (clients.get(client.server) === client) clients.delete(client.server);
  client.close();
}

/** The proxy of a token that came from another process, or thread. */
export function adopted(token: Token): BaseProxy {
  return clientOf(token.server, token.target).references.adopt(token, token.ticket);
}

beforeFork(() => {
  for (const client of clients.values()) client.beforeFork();
});
afterFork(() => {
  for (const client of clients.values()) client.afterFork();
});
