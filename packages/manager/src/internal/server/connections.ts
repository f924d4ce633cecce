/** Who is connected to a server: its sockets, and the sessions that they belong to. */
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { ManagerError } from "../../errors.js";
import { keepAlive } from "../keep-alive.js";
import type { Limits } from "../limits.js";
import type { Channel } from "../protocol.js";
import type { CertainTarget } from "../target.js";
import type { ObjectServer } from "./object-server.js";
import { Peer } from "./peer.js";
import { Session } from "./session.js";
import { Strangers } from "./strangers.js";
import { Visit } from "./visit.js";

export class Connections {
  private readonly visits = new Map<string, Visit>();
  /** All there are, also those below one of TLS. */
  private readonly sockets = new Set<Socket>();
  private readonly strangers: Strangers;
  private readonly proved = new Set<Socket>();
  private readonly server: NetServer;

  constructor(
    readonly objects: ObjectServer,
    readonly limits: Limits,
    private readonly target: CertainTarget,
    private readonly backlog: number,
  ) {
    this.strangers = new Strangers(limits.maxStrangers);
    objects.clients = () => [...this.visits.values()].map(({ session }) => session.label);
    const { tls } = target;
    const accept = (socket: Socket) => void this.accept(socket);
    this.server = tls
      ? createTlsServer({ handshakeTimeout: limits.handshakeTimeout, ...tls }, accept)
      : createServer({ noDelay: true }, accept);
    this.server.on("connection", (socket) => this.admit(socket));
    // Node destroys the socket after a wrong handshake, but not after one that was too slow.
    this.server.on("tlsClientError", (_, socket: Socket) => socket.destroy());
  }

  /** Resolves with the port, if it has one. @throws {Error} EADDRINUSE, EACCES, ... of node:net */
  listen(): Promise<number | undefined> {
    const { address } = this.target;
    const where =
      address.family === "unix" ? { path: address.path } : { host: address.host || undefined, port: address.port };
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen({ ...where, backlog: this.backlog }, () => {
        this.server.off("error", reject);
        this.server.on("error", () => {}); // of accept(2): whoever it was may come again
        const bound = this.server.address();
        resolve(typeof bound === "object" ? bound?.port : undefined);
      });
    });
  }

  /** Every socket, also one whose TLS handshake is not over. */
  private admit(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => {});
    this.strangers.add(socket);
  }

  /** A socket over which bytes of our own go, now that its handshake, if there is one, is over. */
  private async accept(socket: Socket): Promise<void> {
    if (this.target.tls) this.strangers.add(socket);
    socket.on("close", () => this.proved.delete(socket));
    const peer = new Peer(socket, this);
    const timer = setTimeout(() => socket.destroy(), this.limits.handshakeTimeout);
    try {
      keepAlive(socket, this.target);
      await peer.begin(this.target.key);
    } catch (error) {
      if (error instanceof ManagerError && !socket.destroyed) peer.refuse(error);
      else socket.destroySoon();
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The session of that name, a new one if there is none, for somebody who has proved itself.
   * @throws {ManagerError} ERR_TOO_MANY_CONNECTIONS
   */
  enter(name: string, socket: Socket): { visit: Visit; resumed: boolean } {
    if (this.proved.size >= this.limits.maxConnections) throw tooMany(this.limits);
    this.strangers.remove(socket);
    this.proved.add(socket);
    return this.visitOf(name);
  }

  private visitOf(name: string): { visit: Visit; resumed: boolean } {
    const known = this.visits.get(name);
    if (known) return { visit: known, resumed: true };
    const visit = new Visit(new Session(name, labelOf(name), this.objects.table, this.objects.tickets));
    this.visits.set(name, visit);
    return { visit, resumed: false };
  }

  /** A connection has ended: the session does with its last one, at once unless the connection broke. */
  left(visit: Visit, channel: Channel, peer: Peer, error: Error | undefined): void {
    if (!visit.disconnect(channel, peer)) return; // another one has taken its place
    const { linger } = this.limits;
    if (visit.empty && !(error && linger > 0)) {
      this.end(visit);
      return;
    }
    visit.giveUp(channel);
    if (visit.empty) visit.lingering = setTimeout(() => this.end(visit), linger).unref();
  }

  private end(visit: Visit): void {
    if (this.visits.get(visit.session.name) === visit) this.visits.delete(visit.session.name);
    visit.session.end();
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    for (const { lingering } of this.visits.values()) clearTimeout(lingering);
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** What a client says of itself in its session's name: "process 4711", or "process 4711, thread 2". */
function labelOf(name: string): string {
  const [, pid, thread] = /^(\d+)(?:\.(\d+))?-/.exec(name) ?? [];
  if (!pid) return "a client";
  return thread ? `process ${pid}, thread ${thread}` : `process ${pid}`;
}

function tooMany({ maxConnections }: Limits): ManagerError {
  return new ManagerError(
    "ERR_TOO_MANY_CONNECTIONS",
    `cannot connect to the manager: it has ${maxConnections} connections (maxConnections) already`,
  );
}
