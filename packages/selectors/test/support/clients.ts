/** Clients of an echo server, good and bad ones. All are of this process's event loop, and never block it for long. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { createConnection, type Socket } from "@cordage/selectors";

export type Place = [host: string, port: number];
export type Below = (limit: number) => number;

/** Sends so many bytes in pieces of any size, and gets them back: what was sent and what came, as checksums. */
export async function honest(
  [host, port]: Place,
  below: Below,
  total: number,
): Promise<[sent: string, received: string]> {
  const socket = net.connect({ host, port, allowHalfOpen: true });
  const [sent, received] = [createHash("sha256"), createHash("sha256")];
  socket.on("data", (data) => received.update(data));
  const ended = once(socket, "end");
  for (let left = total; left > 0; ) {
    const piece = Buffer.alloc(Math.min(1 + below(50_000), left), below(256));
    left -= piece.length;
    sent.update(piece);
    if (!socket.write(piece)) await once(socket, "drain");
  }
  socket.end();
  await ended;
  return [sent.digest("hex"), received.digest("hex")];
}

/** Sends one byte after the other, each when the one before has come back. */
export async function slow(
  [host, port]: Place,
  below: Below,
  total: number,
): Promise<[sent: string, received: string]> {
  const socket = net.connect({ host, port, noDelay: true });
  const [sent, received]: [number[], number[]] = [[], []];
  for (let i = 0; i < total; i++) {
    sent.push(below(256));
    socket.write(Buffer.of(sent[i]!));
    received.push(...((await once(socket, "data"))[0] as Buffer));
  }
  socket.destroy();
  await once(socket, "close");
  return [String(sent), String(received)];
}

/** Says nothing, or begins and goes no further, until it is closed. */
export function silent(place: Place, below: Below): Socket {
  const socket = createConnection(place);
  if (below(2)) socket.send("x");
  return socket;
}

/** Resets the connection in the middle of what it sends. */
export async function rude(place: Place, below: Below): Promise<void> {
  const socket = createConnection(place);
  socket.setOption("linger", 0);
  socket.setBlocking(false);
  try {
    for (let i = below(20); i >= 0; i--) socket.send(Buffer.alloc(50_000));
  } catch {
    // There is no more room: enough is on its way.
  }
  for (let i = below(3); i > 0; i--) await new Promise(setImmediate);
  socket.close();
}

/**
 * Sends as much as it gets rid of, and never reads.
 * @param settled resolves once the server has done what there was to do
 * @returns how many bytes that were
 */
export async function greedy(socket: Socket, settled: () => Promise<unknown>): Promise<number> {
  socket.setBlocking(false);
  const data = Buffer.alloc(1 << 18, "never read");
  let sent = 0;
  for (let idle = 0; idle < 3; idle++) {
    try {
      for (;;) {
        sent += socket.send(data);
        idle = 0;
      }
    } catch {
      await settled();
    }
  }
  return sent;
}

/** Comes and goes, so many times; in three ways. */
export async function fleeting(place: Place, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const socket = createConnection(place);
    if (i % 10 !== 0) socket.setOption("linger", 0); // else its port would be taken for a minute
    if (i % 3 === 0) socket.send("a word");
    socket.close();
    if (i % 50 === 0) await new Promise(setImmediate);
  }
}
