/** What a proxy in the server's own process refers to. It keeps the object alive. */
import type { Transfer } from "@cordage/ipc/sys";
import type { Reference } from "../reference.js";
import type { Token } from "../token.js";
import type { Caller } from "./caller.js";
import { performBlocking, performLocally } from "./local-call.js";
import type { Entry } from "./table.js";

export type Performer = (entry: Entry, method: string, args: unknown[], caller: Caller) => unknown;
export type Lender = (entry: Entry, trusted: boolean) => Pick<Token, "ticket" | "target">;

export class LocalReference implements Reference {
  constructor(
    readonly server: string,
    readonly entry: Entry,
    private readonly perform: Performer,
    private readonly lend: Lender,
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

  call(method: string, args: unknown[], signal?: AbortSignal): Promise<unknown> {
    return performLocally((caller) => this.perform(this.entry, method, args, caller), signal);
  }

  callSync(method: string, args: unknown[]): unknown {
    return performBlocking((caller) => this.perform(this.entry, method, args, caller), this.typeid);
  }

  /** To a process of the server's own, such as a pool's worker. */
  pack(_transfer: Transfer | undefined, trusted: boolean): Token {
    const { server, ident, typeid, kind, exposed } = this;
    const { ticket, target } = this.lend(this.entry, trusted);
    return { server, ident, typeid, kind, exposed, ticket, target };
  }
}
