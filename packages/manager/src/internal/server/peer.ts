/** One connection of a client, from its first byte on. */
import type { Socket } from "node:net";
import { decode, encodeBriefly } from "@cordage/ipc/sys";
import { ManagerError } from "../../errors.js";
import { HEADER } from "../frames.js";
import {
  addressed,
  Channel,
  ENVELOPE,
  type Hello,
  LONGEST_GREETING,
  Operation,
  opened,
  Status,
  VERSION,
  WRAPPING,
} from "../protocol.js";
import { Wire } from "../wire.js";
import type { Connections } from "./connections.js";
import type { SessionTransfer } from "./object-server.js";
import { isThenable } from "./thenable.js";
import { Call, type Visit } from "./visit.js";

const greeting = { reserve: HEADER, shared: false };
const encoding = { reserve: ENVELOPE, shared: false };

export class Peer {
  readonly wire: Wire;
  private visit!: Visit;
  private transfer!: SessionTransfer;
  private channel = Channel.CALLS;
  /** Which of the session's connections for promises. */
  number = 0;
  /** Messages that wait until the other connection has sent as much as this one was told (AFTER). */
  private readonly delayed: Array<() => void> = [];
  private waitsFor = 0;
  /** The client does not read its answers: nothing more of it is read. */
  private paused = false;

  constructor(
    private readonly socket: Socket,
    private readonly connections: Connections,
  ) {
    this.wire = new Wire(socket);
    socket.on("drain", () => this.resume());
  }

  /** The exchange of keys and the greetings. @throws when it is nobody who may come in */
  async begin(key: Uint8Array): Promise<void> {
    await this.wire.prove("listener", key);
    this.wire.allow(LONGEST_GREETING);
    const [version, channel, session, number] = decode(await this.wire.receive(), undefined, {
      shared: false,
    }) as Hello;
    const right = version === VERSION && channel in Channel && typeof session === "string" && session.length <= 64;
    if (!right || !Number.isSafeInteger(number))
      throw new ManagerError("ERR_PROTOCOL", "cannot talk to the client: it does not speak this version's language");
    this.channel = channel;
    this.number = number;
    this.enter(session);
  }

  private enter(name: string): void {
    const { objects, limits } = this.connections;
    const { visit, resumed } = this.connections.enter(name, this.socket);
    this.visit = visit;
    this.transfer = objects.transferFor(visit.session);
    this.say([VERSION, objects.name, resumed, limits.maxMessage]);
    this.wire.flush();
    visit.connect(this.channel, this);
    this.wire.onClose = (error) => this.connections.left(visit, this.channel, this, error);
    const wrapping = this.channel === Channel.BLOCKING ? WRAPPING : 0;
    this.wire.open(limits.maxMessage + wrapping, (frame, owned) => this.received(frame, owned));
  }

  /** Says why the client is not let in. */
  refuse(error: unknown): void {
    this.say([VERSION, error]);
    this.wire.flush();
    this.socket.destroySoon();
  }

  private say(value: unknown[]): void {
    this.wire.send(encodeBriefly(value, undefined, greeting));
  }

  // --- what comes

  private received(frame: Buffer, owned: boolean): void {
    if (this.waitsFor <= this.visit.received) {
      this.handle(frame, owned);
      return;
    }
    const kept = Buffer.from(frame);
    this.delayed.push(() => this.handle(kept, true));
  }

  /** What is no message of ours ends the connection. */
  private handle(frame: Buffer, owned: boolean): void {
    if (this.channel === Channel.BLOCKING || this.visit.isNew) this.carryOut(frame, owned, this.channel);
    if (this.channel === Channel.CALLS) this.visit.count();
  }

  private carryOut(frame: Buffer, owned: boolean, channel: Channel): void {
    const { id, bytes } = opened(frame);
    if (id === 0) this.obey(itemsOf(this.decoded(bytes, owned)), channel);
    else this.take(id, bytes, owned, channel);
  }

  private decoded(bytes: Buffer, owned: boolean): unknown {
    return decode(bytes, this.transfer, { shared: false, owned });
  }

  private obey([operation, first, second, third]: unknown[], channel: Channel): void {
    if ((operation as Operation) >= Operation.FORWARD && channel !== Channel.BLOCKING)
      throw new TypeError("a message is not for this connection");
    const { session } = this.visit;
    switch (operation) {
      case Operation.CANCEL:
        void this.cancel(whole(first));
        break;
      case Operation.RELEASE:
        session.release(whole(first), whole(second));
        break;
      case Operation.LEND:
        session.lend(whole(first), ticket(second));
        break;
      case Operation.LEND_ALL:
        session.lendAll(ticket(first));
        break;
      case Operation.ADOPT:
        session.adopt(whole(first), ticket(second));
        break;
      case Operation.INHERIT:
        session.inherit(ticket(first));
        break;
      case Operation.FORWARD:
        this.forwarded(message(first), whole(second));
        break;
      case Operation.AFTER:
        this.waitsFor = whole(first);
        this.visit.hurry(this.waitsFor);
        break;
      case Operation.OVERTAKE:
        if (this.visit.overtake(whole(first), whole(second))) this.carryOut(message(third), true, Channel.CALLS);
        break;
      default:
        throw new TypeError("a message has no known operation");
    }
  }

  /** The other connection has sent something: perhaps what this one waits for. */
  caughtUp(): void {
    while (this.delayed.length > 0 && this.waitsFor <= this.visit.received) this.delayed.shift()!();
  }

  /** The other connection has ended. */
  waitNoMore(): void {
    this.waitsFor = 0;
    this.caughtUp();
  }

  // --- calls

  private forwarded(request: Buffer, number: number): void {
    this.visit.expect(number);
    const { id, bytes } = opened(request);
    this.take(id, bytes, true, Channel.CALLS);
  }

  /** A request that cannot be read fails alone. */
  private take(id: number, bytes: Buffer, owned: boolean, channel: Channel): void {
    const call = new Call(id, this.visit.session, channel);
    let request: unknown[];
    this.transfer.call = call;
    try {
      request = itemsOf(this.decoded(bytes, owned));
    } catch (error) {
      this.transfer.takeFailure();
      this.answer(call, Status.ERROR, error);
      return;
    } finally {
      this.transfer.call = undefined;
    }
    this.call(call, request);
  }

  private call(call: Call, [ident, method, ...args]: unknown[]): void {
    const failure = this.transfer.takeFailure() ?? this.refusal();
    if (failure) {
      this.answer(call, Status.ERROR, failure);
      return;
    }
    this.visit.pending.set(call.id, call);
    try {
      const result = this.connections.objects.perform(ident as number, method as string, args, call);
      if (isThenable(result)) this.follow(call, result);
      else this.answer(call, Status.VALUE, result);
    } catch (error) {
      this.answer(call, Status.ERROR, error);
    }
  }

  private refusal(): ManagerError | undefined {
    const { maxCalls } = this.connections.limits;
    if (this.visit.pending.size < maxCalls) return undefined;
    const reason = `${maxCalls} calls of this session (maxCalls) wait for their answers`;
    return new ManagerError("ERR_TOO_MANY_CALLS", `cannot call the manager: ${reason}`);
  }

  private follow(call: Call, result: PromiseLike<unknown>): void {
    result.then(
      (value) => this.answer(call, Status.VALUE, value),
      (error) => this.answer(call, Status.ERROR, error),
    );
  }

  private async cancel(id: number): Promise<void> {
    const call = this.visit.pending.get(id);
    const given = call?.giveUp(false);
    if (!call || !given) return;
    await given.done;
    if (call.over) return;
    this.answer(call, Status.CANCELLED, undefined);
    call.abort(); // afterwards: what a method throws because of it is not the answer
  }

  private answer(call: Call, status: Status, value: unknown): void {
    if (call.over || this.visit.session.ended) {
      this.connections.objects.discard(value);
      return;
    }
    call.end();
    this.visit.pending.delete(call.id);
    this.visit.answer(call.channel, this.encoded(call.id, status, value));
  }

  private encoded(id: number, status: Status, value: unknown): Buffer {
    const { maxMessage } = this.connections.limits;
    try {
      const message = addressed(encodeBriefly([status, value], this.transfer, encoding), id);
      if (message.length - HEADER <= maxMessage) return message;
      throw new ManagerError(
        "ERR_MESSAGE_TOO_LONG",
        `cannot answer the call: the result has more than ${maxMessage} bytes`,
      );
    } catch (error) {
      return addressed(encodeBriefly([Status.ERROR, error], undefined, encoding), id);
    }
  }

  // --- the client's pace

  send(message: Buffer): void {
    this.wire.send(message);
    if (!this.socket.writableNeedDrain || this.paused || this.visit.hurried) return;
    this.paused = true;
    this.wire.pause();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.wire.resume();
  }
}

/** What comes is not trusted. */
function itemsOf(message: unknown): unknown[] {
  if (Array.isArray(message)) return message;
  throw new TypeError("a message is no list");
}

function whole(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new TypeError("a control holds no whole number");
}

function message(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  throw new TypeError("a control holds no message");
}

function ticket(value: unknown): string {
  if (typeof value === "string" && value.length <= 64) return value;
  throw new TypeError("a control holds no ticket");
}
