/** A thread that has a connection, for a thread that blocks: nothing native is needed, and it can do TLS. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { decode, encode } from "@cordage/ipc/sys";
import type { CertainTarget } from "../target.js";
import type { BlockingChannel } from "./blocking.js";
import { cannotConnect, type Greeted } from "./open.js";

/** What the thread says, in the order in which it happens: how it came to be connected, then messages, then the end. */
export type FromRelay = { greeted: Greeted } | { failed: Uint8Array } | { message: Uint8Array };

export interface RelayData {
  target: CertainTarget;
  session: string;
  port: MessagePort;
  /** Counts what the thread has said; notified. */
  said: Int32Array;
}

export class Relay implements BlockingChannel {
  readonly greeted: Greeted;
  private readonly port: MessagePort;
  private readonly said = new Int32Array(new SharedArrayBuffer(4));
  private readonly worker: Worker;
  private heard = 0;

  constructor(target: CertainTarget, session: string) {
    const { port1, port2 } = new MessageChannel();
    const workerData: RelayData = { target, session, port: port2, said: this.said };
    this.port = port1;
    this.worker = new Worker(new URL("./relay-main.js", import.meta.url), {
      workerData,
      transferList: [port2],
      stdin: false,
      execArgv: [],
    });
    this.worker.unref();
    this.port.unref();
    const first = this.next();
    if (!("greeted" in first)) throw cannotConnect(this.failure(first), target);
    this.greeted = first.greeted;
  }

  private next(): FromRelay {
    while (Atomics.load(this.said, 0) === this.heard) Atomics.wait(this.said, 0, this.heard);
    this.heard = (this.heard + 1) | 0;
    return receiveMessageOnPort(this.port)!.message as FromRelay;
  }

  private failure(said: FromRelay): unknown {
    this.close();
    return "failed" in said ? decode(said.failed, undefined, { shared: false }) : new Error("the relay said nothing");
  }

  send(message: Buffer): void {
    this.port.postMessage(Uint8Array.from(message));
  }

  receive(): Buffer {
    const said = this.next();
    if ("message" in said) return Buffer.from(said.message.buffer, said.message.byteOffset, said.message.length);
    throw this.failure(said);
  }

  close(): void {
    this.port.close();
    void this.worker.terminate();
  }
}

/** An error as `failed` has it. */
export function packedFailure(error: unknown): Uint8Array {
  return encode(error, undefined, { shared: false });
}
