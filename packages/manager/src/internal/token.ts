/**
 * How a proxy travels.
 *
 *   between a server and its clients    [ident], or from the server [ident, typeid, kind, exposed]
 *   elsewhere                           a Token, with a ticket that its receiver adopts: see protocol.ts
 */
import { CodecError } from "@cordage/ipc";
import { registerShared, type Transfer } from "@cordage/ipc/sys";
import { BaseProxy, referenceIn } from "../proxy.js";
import type { Reference, Shown } from "./reference.js";
import type { Target } from "./target.js";

export interface Token extends Shown {
  readonly server: string;
  readonly ticket: string;
  /** Where the sender reaches the server, and, if the receiver is one of its own, how it proves itself there. */
  readonly target: Target;
}

/** What goes along with a message between a server and a client. */
export abstract class ReferenceTransfer implements Transfer {
  abstract readonly server: string;

  addDescriptor(): number {
    throw new CodecError("ERR_NOT_SERIALIZABLE", "cannot send a descriptor: it means nothing to a manager");
  }

  takeDescriptor(): number {
    throw new CodecError("ERR_BAD_MESSAGE", "cannot receive the message: it holds a descriptor");
  }

  /** What the proxy refers to, as this server knows it. @throws {CodecError} ERR_NOT_SERIALIZABLE when it does not */
  own(_proxy: BaseProxy, reference: Reference): Shown {
    if (reference.server === this.server) return reference;
    throw foreign(reference);
  }

  /** Of the call whose request is received. @throws {CodecError} where none is */
  signal(): AbortSignal {
    throw new CodecError("ERR_BAD_MESSAGE", "cannot receive the message: it holds the signal of a call");
  }

  /** What a proxy of this server is called. */
  abstract name(ident: number, shown: Shown): unknown[];
  abstract proxyOf(name: unknown[]): BaseProxy;
}

/** Makes the proxy of a token. Set by the client, which this file need not know. */
let adopt: (token: Token) => BaseProxy;

export function adoptWith(maker: typeof adopt): void {
  adopt = maker;
}

function foreign({ server }: Reference): CodecError {
  const reason = server
    ? "cannot send a proxy of one manager to another one: its server would have to connect there"
    : "cannot send an object of this process to a server elsewhere: that could not serve it";
  return new CodecError("ERR_NOT_SERIALIZABLE", reason);
}

/** Stands for an object in the result of a call, where no proxy of it is needed in the server itself. */
export class Given {
  constructor(readonly shown: Shown) {}
}

function unpack(data: unknown, transfer: Transfer | undefined): BaseProxy {
  if (!(transfer instanceof ReferenceTransfer)) return adopt(checkedToken(data));
  if (!Array.isArray(data) || !Number.isSafeInteger(data[0])) throw new TypeError("it is no name of a proxy");
  return transfer.proxyOf(data);
}

const NAME = "manager.Proxy";
/** Of this package, for a process that is given a proxy and has not imported it. */
const MODULE = new URL("./index.js", import.meta.url).href;

registerShared<Given>({
  name: NAME,
  cls: Given,
  remote: true,
  pack({ shown }, transfer) {
    if (transfer instanceof ReferenceTransfer) return transfer.name(shown.ident, shown);
    throw new TypeError("it is the result of a call only");
  },
  unpack: unpack as never,
});
registerShared<BaseProxy>({
  name: NAME,
  module: MODULE,
  cls: BaseProxy,
  remote: true,
  pack(proxy, transfer, trusted) {
    const reference = referenceIn(proxy)!;
    if (!(transfer instanceof ReferenceTransfer)) return reference.pack(transfer, trusted);
    const shown = transfer.own(proxy, reference);
    return transfer.name(shown.ident, shown);
  },
  unpack,
});

function checkedToken(data: unknown): Token {
  const { server, ticket, ident, typeid, kind, exposed, target } = Object(data) as Partial<Token>;
  const right =
    [server, ticket, typeid, kind].every((text) => typeof text === "string") &&
    Number.isSafeInteger(ident) &&
    Array.isArray(exposed) &&
    exposed.every((name) => typeof name === "string") &&
    typeof target === "object";
  if (!right) throw new TypeError("it is no token of a proxy");
  return data as Token;
}
