/** What goes along with the messages of one client. */
import type { BaseProxy } from "../../proxy.js";
import type { Shown } from "../reference.js";
import { ReferenceTransfer } from "../token.js";
import type { Client } from "./client.js";

export class ClientTransfer extends ReferenceTransfer {
  constructor(private readonly client: Client) {
    super();
  }

  get server(): string {
    return this.client.server;
  }

  name(ident: number): unknown[] {
    return [ident];
  }

  proxyOf(name: unknown[]): BaseProxy {
    const [ident, typeid, kind, exposed] = name as [number, string, string, string[]];
    const shown: Shown = { ident, typeid, kind, exposed };
    return this.client.references.given(shown);
  }
}
