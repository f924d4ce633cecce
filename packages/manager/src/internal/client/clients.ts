/** This thread's sessions with servers: one for each. */
import { afterFork, beforeFork } from "@cordage/ipc/sys";
import type { BaseProxy } from "../../proxy.js";
import type { Target } from "../target.js";
import { adoptWith, type Token } from "../token.js";
import { Client } from "./client.js";

const clients = new Map<string, Client>();

/** The session with a server that is known. */
export function clientOf(server: string, target: Target): Client {
  const known = clients.get(server);
  if (known) return known;
  const made = new Client(server, target);
  clients.set(server, made);
  return made;
}

/** The session with whatever server is there. @throws as `open` */
export async function connectTo(target: Target): Promise<Client> {
  const client = new Client("", target);
  await client.connected();
  const known = clients.get(client.server);
  if (known) {
    client.close();
    return known;
  }
  clients.set(client.server, client);
  return client;
}

/** A manager has used it: with the last one it is closed. */
export function leaveClient(client: Client): void {
  if (--client.managers > 0) return;
  if (clients.get(client.server) === client) clients.delete(client.server);
  client.close();
}

/** The proxy of a token that came from another process, or thread. */
function adopted(token: Token): BaseProxy {
  return clientOf(token.server, token.target).references.adopt(token, token.ticket);
}

adoptWith(adopted);
beforeFork(() => {
  for (const client of clients.values()) client.beforeFork();
});
afterFork(() => {
  for (const client of clients.values()) client.afterFork();
});
