/**
 * This thread's session with a server: a connection for promises, and one for calls that block, each opened when it is
 * first needed, and again after it was lost. Calls that are under way then fail, because nobody knows whether they were
 * carried out.
 *
 * INVARIANT: what one thread calls takes effect in the order of its calls, whether they block or not: what waits for the
 * first connection goes out over the second one, and that is told to wait for what the first has sent (AFTER). What the
 * first has not sent, because the kernel takes no more, and the event loop that would send it is blocked, goes out over both.
 */
import { randomBytes } from "node:crypto";
import { threadId } from "node:worker_threads";
import { blockingCalls, kept, onMainThread } from "@cordage/ipc/sys";
import { currentProcess } from "@cordage/process";
import { HEADER } from "../frames.js";
import { type Control, Operation, opened, Status } from "../protocol.js";
import type { CertainTarget, Target } from "../target.js";
import type { Wire } from "../wire.js";
import { type BlockingChannel, openBlocking } from "./blocking.js";
import { BlockingSide } from "./blocking-side.js";
import { type Call, Calls } from "./calls.js";
import { closed, lost, restarted, tooLong } from "./failures.js";
import { type Answer, answerIn, bodyOf, controlOf, requestOf } from "./messages.js";
import type { Greeted } from "./open.js";
import { PromiseSide } from "./promise-side.js";
import { References } from "./references.js";
import { fromServer } from "./remote.js";
import { ClientTransfer } from "./transfer.js";

export class Client {
  readonly references = new References(this);
  private readonly transfer = new ClientTransfer(this);
  private session = newSession();
  private calls = this.noCalls();
  private promises = this.noConnection();
  private readonly blocking = new BlockingSide(
    () => this.openBlocking(),
    (cause) => lost(this.target, cause),
  );
  /** Controls that no connection has taken yet. */
  private controls: Buffer[] = [];
  private lastId = 0;
  /** Bytes that a message may have. */
  private largest = Number.POSITIVE_INFINITY;
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
  ) {}

  private get certain(): CertainTarget {
    return { ...this.target, key: this.target.key ?? currentProcess().authkey };
  }

  private refuseIfClosed(): void {
    if (this.closed) throw closed();
  }

  // --- both connections

  private request(id: number, call: unknown[]): Buffer {
    const message = requestOf(id, call, this.transfer);
    const length = message.length - HEADER;
    if (length > this.largest) throw tooLong(length, this.largest);
    return message;
  }

  /** The error in it has the stack of the server as its cause. */
  private answerIn(bytes: Buffer, owned: boolean): Answer {
    const [status, value] = answerIn(bytes, this.transfer, owned);
    return [status, status === Status.ERROR ? fromServer(value, this.target.address) : value];
  }

  /** @throws {ManagerError} ERR_MANAGER_RESTARTED */
  private greeted({ server, resumed, largest }: Greeted): void {
    if (this.server === "") this.server = server;
    if (server !== this.server) throw restarted(this.target);
    this.largest = largest;
    if (this.known && !resumed) this.references.claimAgain();
    this.known = true;
  }

  // --- calls that return promises

  call(ident: number, method: string, args: unknown[], signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.refuseIfClosed();
      const id = ++this.lastId;
      const message = this.request(id, [ident, method, ...args]);
      const call: Call = { id, resolve, reject, signal };
      this.calls.add(call);
      this.promises.hold(true);
      if (this.promises.open) this.promises.open.send(message);
      else {
        call.unsent = kept(message);
        void this.connect();
      }
    });
  }

  private noCalls(): Calls {
    return new Calls(
      (call) => this.cancel(call),
      () => this.promises.hold(false),
    );
  }

  /** What the server has not begun to wait for yet is simply not sent; else it says how the call ended. */
  private cancel(call: Call): void {
    if (call.unsent) this.calls.settle(call, [Status.CANCELLED, undefined]);
    else this.control(Operation.CANCEL, call.id);
  }

  private noConnection(): PromiseSide {
    return new PromiseSide({
      onGreeting: (welcome) => this.greeted(welcome),
      onOpen: (wire) => this.sendWaiting(wire),
      onMessage: (frame, owned) => this.answered(frame, owned),
      // Without a connection, no call has been answered that was not sent over this one.
      onFailure: (error) => this.calls.failAll(error),
      onLoss: (error) => this.calls.failSent(() => lost(this.target, error)),
    });
  }

  private connect(): Promise<void> {
    return this.promises.connect(this.certain, this.session);
  }

  /** Connects now rather than at the first call. @throws as `open` */
  async connected(): Promise<void> {
    this.refuseIfClosed();
    if (!this.promises.open) await this.connect();
  }

  private sendWaiting(wire: Wire): void {
    this.blocking.countAnew();
    for (const control of this.controls.splice(0)) wire.send(control);
    this.calls.sendWaiting((message) => wire.send(message));
  }

  private answered(frame: Buffer, owned: boolean): void {
    const { id, bytes } = opened(frame);
    const call = this.calls.get(id);
    try {
      const answer = this.answerIn(bytes, owned); // also of a call that is over: it may hold references
      if (call) this.calls.settle(call, answer);
    } catch (error) {
      if (call) this.calls.fail(call, error);
    }
  }

  // --- controls

  /** Says something that has no answer; if there is no connection, with the next one. */
  control(...control: Control): void {
    const message = controlOf(control);
    if (this.promises.open) this.promises.open.send(message);
    else if (!this.blocking.tell(message)) {
      this.controls.push(kept(message));
      this.connectSoon();
    }
  }

  /** Not at once: most threads that receive a proxy use it, and some block at once. */
  private connectSoon(): void {
    setImmediate(() => {
      if (!this.closed && !this.promises.open && this.controls.length > 0) void this.connect();
    }).unref();
  }

  /** What was said about references before is void. */
  forgetControls(): void {
    this.controls = [];
  }

  /** Sends what was said now: somebody else, who may be faster, depends on it. */
  flush(): void {
    this.promises.open?.flush();
  }

  // --- calls that block

  /** Blocks: the thread. */
  callSync(ident: number, method: string, args: unknown[]): unknown {
    this.refuseIfClosed();
    const id = ++this.lastId;
    const message = kept(this.request(id, [ident, method, ...args]));
    this.blocking.connect();
    this.sendBefore();
    this.blocking.send(message);
    return this.resultOf(id);
  }

  private openBlocking(): BlockingChannel {
    const channel = openBlocking(this.certain, this.session);
    try {
      this.greeted(channel.greeted);
      return channel;
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  /** What must have taken effect before. */
  private sendBefore(): void {
    const { promises, blocking } = this;
    if (promises.open) {
      blocking.sendAfter(promises.open, promises.number);
      return;
    }
    for (const control of this.controls.splice(0)) blocking.send(control);
    // Their answers come over the connection that is being opened.
    this.calls.sendWaiting((message) =>
      blocking.send(controlOf([Operation.FORWARD, bodyOf(message), promises.number])),
    );
  }

  private resultOf(id: number): unknown {
    for (;;) {
      const answer = opened(this.blocking.receive());
      if (answer.id !== id) continue; // of a call that was given up when the other one broke
      const [status, value] = this.answerIn(answer.bytes, true);
      if (status === Status.VALUE) return value;
      throw value;
    }
  }

  // --- the end, and forks

  close(): void {
    this.closed = true;
    this.promises.close();
    this.blocking.close();
    this.calls.failAll(closed());
  }

  /** All that this session has is kept for the child that is about to be forked. */
  beforeFork(): void {
    this.inheritance = "";
    if (this.closed || this.references.size === 0) return;
    this.inheritance = randomBytes(12).toString("hex");
    this.control(Operation.LEND_ALL, this.inheritance);
    this.flush();
  }

  /** The child is another session; its copies of connections are its parent's, and so are the promises of calls. */
  afterFork(): void {
    this.promises.abandon();
    this.promises = this.noConnection();
    this.blocking.close();
    this.calls = this.noCalls();
    this.controls = [];
    this.session = newSession();
    this.known = false;
    if (this.inheritance !== "") this.control(Operation.INHERIT, this.inheritance);
  }
}

/** Begins with who it is, for people. */
function newSession(): string {
  const thread = onMainThread() ? "" : `.${threadId}`;
  return `${process.pid}${thread}-${randomBytes(16).toString("hex")}`;
}

// What `sync` of a proxy does, and callMethodSync.
blockingCalls("Client", Client.prototype, { callSync: ["call"] });
