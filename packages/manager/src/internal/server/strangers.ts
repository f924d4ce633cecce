/**
 * Who has come and has not proved itself yet, in the order in which they came.
 *
 * A connection of TLS is one socket until its handshake is over and another one, over the same, from then on: both ends of
 * the connection say that they are one. What has no such ends, or has lost them, stands for itself.
 */
import type { Socket } from "node:net";

type Ends = string | Socket;

function endsOf(socket: Socket): Ends {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (remotePort === undefined) return socket;
  return [localAddress, localPort, remoteAddress, remotePort].join(" ");
}

export class Strangers {
  private readonly sockets = new Map<Ends, Socket>();
  private readonly ends = new WeakMap<Socket, Ends>();

  /** @param most whoever is one too many makes the one go that takes longest: it is the likeliest to be up to nothing good */
  constructor(private readonly most: number) {}

  /** Keeps its place if it was here before its handshake. */
  add(socket: Socket): void {
    const ends = endsOf(socket);
    this.ends.set(socket, ends);
    this.sockets.set(ends, socket);
    socket.on("close", () => this.remove(socket));
    if (this.sockets.size > this.most) this.dropOldest();
  }

  /** It has proved itself, or is gone. */
  remove(socket: Socket): void {
    const ends = this.ends.get(socket)!;
    if (this.sockets.get(ends) === socket) this.sockets.delete(ends);
  }

  private dropOldest(): void {
    const [oldest] = this.sockets.values();
    this.remove(oldest!); // it may take its time to close
    oldest!.destroy();
  }
}
