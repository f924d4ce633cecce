/** A client that keeps sending to a server that does not read. */
import type { Connection } from "@cordage/ipc";
import { type Address, BlockingIOError, EVENT_WRITE, PollSelector, Socket } from "@cordage/selectors";
import { Sending } from "./pattern.js";

/** What the client tells once nothing fits any more. */
export interface Full {
  readonly port: number;
  readonly bytes: number;
  /** SO_SNDBUF, as the kernel has it. */
  readonly sendBuffer: number;
}

/** What it tells at the end. */
export interface Sent {
  readonly bytes: number;
  readonly checksum: string;
}

/** Milliseconds for which nothing more must fit: what is under way is acknowledged in less. */
const QUIET = 200;
/** Messages that are sent when nothing fits any more: far too many for what may become free by itself. */
const MORE = 1024;

export async function client(parent: Connection, n: number, server: Address, sendBuffer: number): Promise<void> {
  using sock = new Socket();
  sock.setOption("sendBufferSize", sendBuffer);
  sock.connect(server);
  const sending = new Sending(n);
  const rest = sendUntilFull(sock, sending);
  const [, port] = sock.address() as [string, number];
  await parent.send({ port, bytes: sending.bytes, sendBuffer: sock.getOption("sendBufferSize") } satisfies Full);
  sendTheRest(sock, sending, rest); // blocks until the server reads
  await parent.send({ bytes: sending.bytes, checksum: sending.checksum() } satisfies Sent);
}

/** Without blocking. @returns what did not fit of the last message */
function sendUntilFull(sock: Socket, sending: Sending): Buffer {
  using sel = new PollSelector();
  sel.register(sock, EVENT_WRITE);
  sock.setBlocking(false);
  let message = sending.next();
  do {
    const taken = trySend(sock, message);
    sending.sent(message.subarray(0, taken));
    message = taken === message.length ? sending.next() : message.subarray(taken);
  } while (sel.select(QUIET).length > 0);
  return message;
}

/** @returns how many bytes the kernel took: 0 where a blocking socket would have waited */
function trySend(sock: Socket, message: Buffer): number {
  try {
    return sock.send(message);
  } catch (error) {
    if (error instanceof BlockingIOError) return 0;
    throw error;
  }
}

function sendTheRest(sock: Socket, sending: Sending, rest: Buffer): void {
  sock.setBlocking(true);
  let message = rest;
  for (let n = 0; n < MORE; n++) {
    sock.sendAll(message);
    sending.sent(message);
    message = sending.next();
  }
}
