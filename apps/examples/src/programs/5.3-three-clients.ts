// Section 5.3, "思考2": what happens if three clients keep sending and the server does not answer, and why? Here the server does not even read.
// What the clients send stays in the kernel: in the server's receive buffers, then in the clients' own send buffers. When both are full, send
// waits (or, non-blocking, fails with EAGAIN), each client for itself. When the server reads at last, everything arrives, in order.
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, Pipe } from "@cordage/ipc";
import { available } from "@cordage/ipc/sys";
import { isMain, Process } from "@cordage/process";
import { type Address, Socket } from "@cordage/selectors";
import { print } from "../builtins/print.js";
import { writePicture } from "../pictures/output.js";
import { client, type Full, type Sent } from "../three-clients/client.js";
import { type Held, pictureOf } from "../three-clients/picture.js";

/** Set, because by default the kernel lets both buffers grow to megabytes. It doubles what is set, for its own needs. */
const RECEIVE_BUFFER = 32 * 1024;
const SEND_BUFFERS = [16 * 1024, 32 * 1024, 64 * 1024];

function startClients(server: Address): Connection[] {
  return SEND_BUFFERS.map((sendBuffer, n) => {
    const [ours, theirs] = Pipe();
    new Process({ target: client, args: [theirs, n + 1, server, sendBuffer], daemon: true }).start();
    return ours;
  });
}

/** The server's end of each client's connection, in the clients' order. */
function acceptAll(listener: Socket, clients: readonly Full[]): Socket[] {
  const accepted = clients.map(() => listener.accept()[0]);
  return clients.map(({ port }) => accepted.find((sock) => (sock.peerAddress() as [string, number])[1] === port)!);
}

/** Where the bytes lie that fitted. */
function whereTheyLie(n: number, { bytes, sendBuffer }: Full, conn: Socket): Held {
  const received = available(conn.fileno());
  const receiveBuffer = conn.getOption("receiveBufferSize");
  return { client: n + 1, received, receiveBuffer, unsent: bytes - received, sendBuffer };
}

function printHeld({ client, received, receiveBuffer, unsent, sendBuffer }: Held) {
  print(`client ${client}: ${received + unsent} bytes fit, then send would block (EAGAIN)`);
  print(`  ${received} are in the server's receive buffer (SO_RCVBUF ${receiveBuffer})`);
  print(`  ${unsent} are in its own send buffer (SO_SNDBUF ${sendBuffer})`);
}

/** Reads to the end. @returns how many bytes came, and their checksum */
function readAll(conn: Socket): Sent {
  const hash = createHash("sha256");
  let bytes = 0;
  while (true) {
    const data = conn.recv(65536);
    if (data.length === 0) return { bytes, checksum: hash.digest("hex") };
    hash.update(data);
    bytes += data.length;
  }
}

if (isMain(import.meta)) {
  using listener = new Socket();
  listener.setOption("receiveBufferSize", RECEIVE_BUFFER);
  listener.bind(["127.0.0.1", 0]);
  listener.listen(SEND_BUFFERS.length);
  const clients = startClients(listener.address());
  const full = (await Promise.all(clients.map((parent) => parent.recv()))) as Full[];
  const connections = acceptAll(listener, full);
  print("three clients send, the server does not read:");
  const held = connections.map((conn, n) => whereTheyLie(n, full[n]!, conn));
  for (const one of held) printHeld(one);

  await sleep(100);
  const blocked = await Promise.all(clients.map(async (parent) => !(await parent.poll())));
  print(`blocking sends: ${blocked.filter(Boolean).length} of 3 clients wait in them`);

  print("the server reads:");
  for (const [n, conn] of connections.entries()) {
    const received = readAll(conn);
    const sent = (await clients[n]!.recv()) as Sent;
    const right = received.bytes === sent.bytes && received.checksum === sent.checksum;
    print(`client ${n + 1}: ${sent.bytes} bytes sent, ${received.bytes} received, ${right ? "the same" : "others"}`);
    conn.close();
  }
  print("why: a full receive buffer closes TCP's window, so that the data waits in the sender's buffer; when that");
  print("is full too, send waits. So a slow reader slows its senders down, and none of them loses anything.");
  print(`picture: ${await writePicture("5.3-three-clients", pictureOf(held))}`);
}
