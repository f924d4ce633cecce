/** A debugger's end of the wire to a program that runs with --inspect. Not the WebSocket of Node, which Node 20 has not. */
import { once } from "node:events";
import { request } from "node:http";
import type { Socket } from "node:net";

type Message = Record<string, any>;

const TEXT = 0x81;
const MASKED = 0x80;
const NO_MASK = Buffer.alloc(4);

function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.from([TEXT, MASKED | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([header, NO_MASK, payload]);
}

/** The first message in what has come, and what is behind it; nothing if it is not complete. */
function firstMessage(come: Buffer): { text: string; rest: Buffer } | undefined {
  if (come.length < 10) return undefined; // no message of the inspector's is shorter
  const short = come[1]! & 0x7f;
  const [begin, length] =
    short === 127 ? [10, Number(come.readBigUInt64BE(2))] : short === 126 ? [4, come.readUInt16BE(2)] : [2, short];
  const end = begin + length;
  return come.length < end ? undefined : { text: come.toString("utf8", begin, end), rest: come.subarray(end) };
}

export class Debugger {
  readonly #socket: Socket;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #events: Message[] = [];
  #wanted: { method: string; resolve(params: Message): void } | undefined;
  #come: Buffer = Buffer.alloc(0);
  #last = 0;

  static async connect(url: string): Promise<Debugger> {
    const headers = {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": Buffer.alloc(16).toString("base64"),
    };
    const asked = request(url.replace("ws:", "http:"), { headers });
    asked.end();
    const [, socket, head] = await once(asked, "upgrade");
    return new Debugger(socket, head);
  }

  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    socket.on("data", (data) => this.#receive(data));
    this.#receive(head);
  }

  /** The result of a command. */
  async send(method: string, params: Message = {}): Promise<Message> {
    const id = ++this.#last;
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.#socket.write(frame(JSON.stringify({ id, method, params })));
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** What the next event of that name says; those of other names before it are dropped. */
  event(method: string): Promise<Message> {
    return new Promise((resolve) => {
      this.#wanted = { method, resolve };
      this.#deliver();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(data: Buffer): void {
    this.#come = Buffer.concat([this.#come, data]);
    for (let first = firstMessage(this.#come); first; first = firstMessage(this.#come)) {
      this.#come = first.rest;
      this.#take(JSON.parse(first.text));
    }
  }

  #take(message: Message): void {
    if (message.id === undefined) this.#events.push(message);
    else this.#answers.get(message.id)!(message);
    this.#deliver();
  }

  #deliver(): void {
    while (this.#wanted && this.#events.length > 0) {
      const { method, params } = this.#events.shift()!;
      if (method !== this.#wanted.method) continue;
      this.#wanted.resolve(params);
      this.#wanted = undefined;
    }
  }
}
