/** What a proxy in the server's own process refers to. It keeps the object alive. */
import type { Transfer } from "@cordage/ipc/sys";
import type { Reference } from "../reference.js";
import type { Token } from "../token.js";
import type { Entry } from "./table.js";

export type Performer = (entry: Entry, method: string, args: unknown[]) => unknown;

export class LocalReference implements Reference {
  constructor(
    readonly server: string,
    readonly entry: Entry,
    private readonly perform: Performer,
    private readonly lend: (entry: Entry, trusted: boolean) => Pick<Token, "ticket" | "target">,
  ) {}

  get ident(): number {
    return this.entry.ident;
  }

  get typeid(): string {
    return this.entry.type.typeid;
  }

  get kind(): string {
    return this.entry.type.kind;
  }

  get exposed(): readonly string[] {
    return [...this.entry.exposed];
  }

  async call(method: string, args: unknown[]): Promise<unknown> {
    return this.perform(this.entry, method, args);
  }

  callSync(method: string, args: unknown[]): unknown {
    return this.perform(this.entry, method, args);
  }

  /** To a process of the server's own, such as a pool's worker. */
  pack(_transfer: Transfer | undefined, trusted: boolean): Token {
    const { server, ident, typeid, kind, exposed } = this;
    const { ticket, target } = this.lend(this.entry, trusted);
    return { server, ident, typeid, kind, exposed, ticket, target };
  }
}
