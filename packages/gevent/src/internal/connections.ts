/** The connections of an HTTP server, so that it can end without cutting anybody off. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Has `close` of the server end the connections that wait for nothing, and each of the others as soon as that is so. Node's own takes one for idle whose
 * answer is still on its way, or whose client has asked several things at once, and closes only those that are idle at the beginning.
 */
export function endWhenIdle(node: Server): void {
  new Connections(node);
}

class Connections {
  /** How many answers each waits for. */
  private readonly awaited = new Map<Socket, number>();
  private isClosing = false;

  constructor(node: Server) {
    node.on("connection", (connection: Socket) => this.add(connection));
    node.on("request", (request: IncomingMessage, response: ServerResponse) => this.begin(request.socket, response));
    node.closeIdleConnections = () => this.close(); // close() calls it
  }

  private close(): void {
    this.isClosing = true;
    for (const [connection, count] of this.awaited) if (count === 0) connection.destroy();
  }

  private add(connection: Socket): void {
    this.awaited.set(connection, 0);
    connection.once("close", () => this.awaited.delete(connection));
  }

  private begin(connection: Socket, response: ServerResponse): void {
    this.count(connection, 1);
    response.once("finish", () => {
      const left = this.count(connection, -1);
      if (left === 0 && this.isClosing) connection.destroySoon(); // Node would keep it for the next request
    });
  }

  /** @returns how many it waits for then; undefined if it is gone */
  private count(connection: Socket, change: 1 | -1): number | undefined {
    const count = this.awaited.get(connection);
    if (count === undefined) return undefined;
    this.awaited.set(connection, count + change);
    return count + change;
  }
}
