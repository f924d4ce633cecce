/**
 * What a proxy made by `served` refers to: an object of this process that no server has made.
 *
 *   at home: used in this process only -> known to a server, which was about to give it to a client; or to several
 *
 * It lives as long as this process has the proxy, or a client of one of the servers has one.
 */
import { CodecError } from "@cordage/ipc";
import type { Transfer } from "@cordage/ipc/sys";
import type { Reference } from "../reference.js";
import type { Caller } from "./caller.js";
import { performBlocking, performLocally } from "./local-call.js";
import { type Callable, performOn } from "./perform.js";
import type { ServedType } from "./served-type.js";

let last = 0;

export class HomeReference implements Reference {
  /** Of none. */
  readonly server = "";
  readonly ident = ++last;
  private readonly callable: Callable;
  /** The same at the server that came to know of it last: that one lends it to other processes. */
  known: Reference | undefined;

  constructor(
    readonly type: ServedType,
    readonly object: object,
  ) {
    this.callable = { type, object, exposed: type.exposed(object) };
  }

  get typeid(): string {
    return this.type.typeid;
  }

  get kind(): string {
    return this.type.kind;
  }

  get exposed(): readonly string[] {
    return [...this.callable.exposed];
  }

  call(method: string, args: unknown[], signal?: AbortSignal): Promise<unknown> {
    return performLocally((caller) => this.perform(method, args, caller), signal);
  }

  callSync(method: string, args: unknown[]): unknown {
    return performBlocking((caller) => this.perform(method, args, caller), this.typeid);
  }

  private perform(method: string, args: unknown[], caller: Caller): unknown {
    return performOn(this.callable, method, args, caller);
  }

  pack(transfer: Transfer | undefined, trusted: boolean): unknown {
    if (this.known) return this.known.pack(transfer, trusted);
    const reason = "no server of this process has given it to anybody yet";
    throw new CodecError("ERR_NOT_SERIALIZABLE", `cannot send a ${this.typeid} that was made by served: ${reason}`);
  }
}
