/** A network between a client and a server that delays, breaks and swallows what it carries: a relay over TCP. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export class BadNetwork {
  private readonly pairs = new Set<[Socket, Socket]>();
  private delay = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: [string, number],
  ) {}

  static async before(target: [string, number]): Promise<BadNetwork> {
    const server = createServer({ pauseOnConnect: true });
    const network = new BadNetwork(server, target);
    server.on("connection", (near) => network.carry(near));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return network;
  }

  get address(): [string, number] {
    return ["127.0.0.1", (this.server.address() as { port: number }).port];
  }

  private carry(near: Socket): void {
    const far = connect({ host: this.target[0], port: this.target[1] });
    const pair: [Socket, Socket] = [near, far];
    this.pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("error", () => {});
      from.on("data", (bytes) => this.later(() => to.write(bytes)));
      from.on("end", () => this.later(() => to.end()));
      from.on("close", () => this.pairs.delete(pair));
    }
    near.resume();
  }

  private later(work: () => void): void {
    if (this.delay === 0) work();
    else setTimeout(work, this.delay);
  }

  /** From now on everything takes so many milliseconds longer. */
  slowDown(milliseconds: number): void {
    this.delay = milliseconds;
  }

  /** Breaks all connections, so that both sides see a reset. */
  cut(): void {
    for (const [near, far] of this.pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
